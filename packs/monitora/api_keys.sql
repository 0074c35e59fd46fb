-- Keys of widgets. A key is known by its prefix; what it is checked against is not read.

SELECT TOP (5000)
    judged.severity,
    found.reasons AS reason,
    k.id,
    k.workspace_id,
    k.name,
    w.name AS workspace,
    k.key_prefix,
    now.state,
    k.last_used_at,
    k.expires_at,
    k.created_at
FROM dbo.api_keys AS k
LEFT JOIN dbo.workspaces AS w
    ON w.id = k.workspace_id
CROSS APPLY (SELECT {{key_state(of => k)}} AS state) AS now
CROSS APPLY (
    SELECT CONCAT_WS(
        ',',
        CASE WHEN k.last_used_at > k.expires_at THEN 'used_after_end' END,
        CASE WHEN now.state = 'ended' AND (k.last_used_at IS NULL OR k.last_used_at <= k.expires_at) THEN 'ended' END,
        CASE
            WHEN now.state = 'live' AND k.expires_at <= DATEADD(DAY, CAST(:ends_days AS int), SYSUTCDATETIME())
                THEN 'ends_soon'
        END,
        CASE WHEN now.state = 'no end' THEN 'no_end' END,
        CASE
            WHEN now.state <> 'ended'
                AND COALESCE(k.last_used_at, k.created_at) < DATEADD(DAY, -CAST(:unused_days AS int), SYSUTCDATETIME())
                THEN 'unused'
        END,
        CASE WHEN now.state <> 'ended' AND w.is_active = 0 THEN 'workspace_inactive' END
    ) AS reasons
) AS found
CROSS APPLY (
    SELECT CASE
        WHEN k.last_used_at > k.expires_at THEN 'crit'
        WHEN now.state = 'ended' THEN 'off'
        WHEN found.reasons > '' THEN 'warn'
        ELSE 'ok'
    END AS severity
) AS judged
WHERE {{is_workspace(id => k.workspace_id)}}
    AND (:state = 'all' OR :state = now.state)
    AND {{found_in(text => CONCAT_WS(' ', k.name, k.key_prefix, w.name))}}
ORDER BY {{worst_first(severity => judged.severity)}}, k.expires_at, k.name;
