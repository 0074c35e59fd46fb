-- The last deployments to one environment.

SELECT
    d.created_at,
    d.version,
    d.status,
    d.finished_at - d.created_at AS took,
    {{deployed_by(user => u, id => d.deployed_by)}} AS author
FROM deployments AS d
LEFT JOIN users AS u
    ON u.id = d.deployed_by
WHERE d.environment_id = :key::uuid
    AND {{of_scope(of => d)}}
ORDER BY d.created_at DESC
LIMIT 20;
