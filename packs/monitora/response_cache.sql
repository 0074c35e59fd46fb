-- Answers that are kept so that the model need not be asked again.

SELECT TOP (5000)
    judged.severity,
    found.reason,
    r.id,
    r.workspace_id,
    LEFT(r.original_question, 200) AS question,
    w.name AS workspace,
    now.state,
    r.hit_count,
    r.ttl_seconds * CAST(1000 AS bigint) AS ttl,
    r.expires_at,
    DATALENGTH(r.cached_response) AS size,
    r.created_at
FROM dbo.response_cache AS r
LEFT JOIN dbo.workspaces AS w
    ON w.id = r.workspace_id
CROSS APPLY (SELECT {{cache_state(of => r)}} AS state) AS now
CROSS APPLY (
    SELECT CASE
        WHEN r.expires_at < DATEADD(HOUR, -CAST(:kept_hours AS int), SYSUTCDATETIME()) THEN 'still_stored'
        WHEN now.state = 'expired' THEN 'expired'
        WHEN now.state = 'no end' AND r.ttl_seconds IS NOT NULL THEN 'end_not_set'
        WHEN now.state = 'no end' THEN 'no_end'
    END AS reason
) AS found
CROSS APPLY (
    SELECT CASE
        WHEN found.reason IS NULL THEN 'ok'
        WHEN found.reason = 'expired' THEN 'off'
        ELSE 'warn'
    END AS severity
) AS judged
WHERE (:state = 'all' OR :state = now.state)
    AND {{is_workspace(id => r.workspace_id)}}
    AND {{found_in(text => CONCAT_WS(' ', r.original_question, w.name))}}
ORDER BY {{worst_first(severity => judged.severity)}}, r.expires_at, r.id;
