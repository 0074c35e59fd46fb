-- Of an environment "e": "newest", its last deployment however that ended, and "live", the last good one, which is what
-- runs there. Both by the index on (environment_id, created_at).
LEFT JOIN LATERAL (
    SELECT
        d.id,
        d.version,
        d.status,
        d.created_at
    FROM deployments AS d
    WHERE d.environment_id = e.id
    ORDER BY d.created_at DESC
    LIMIT 1
) AS newest ON true
LEFT JOIN LATERAL (
    SELECT
        d.version,
        d.created_at
    FROM deployments AS d
    WHERE d.environment_id = e.id
        AND d.status = 'success'
    ORDER BY d.created_at DESC
    LIMIT 1
) AS live ON true
