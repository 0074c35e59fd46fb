-- One answer that is kept.

SELECT
    r.id,
    w.name AS workspace,
    r.created_at,
    r.expires_at,
    r.ttl_seconds * CAST(1000 AS bigint) AS ttl,
    r.hit_count,
    LEFT(r.original_question, 2000) AS question,
    LEFT(r.cached_response, 4000) AS answer
FROM dbo.response_cache AS r
LEFT JOIN dbo.workspaces AS w
    ON w.id = r.workspace_id
WHERE r.id = TRY_CAST(:key AS uniqueidentifier);
