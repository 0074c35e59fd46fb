-- Deployments, the newest first. One that failed counts until a later one to its environment is good.

SELECT
    CASE
        WHEN p.status <> 'active' THEN 'off'
        WHEN state.name = 'failed' AND e.name = 'prod' THEN 'crit'
        WHEN state.name IN ('failed', 'rolled_back', 'stuck') THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE WHEN p.status <> 'active' THEN 'not_active' ELSE state.name END AS reason,
    d.id,
    d.client_id,
    d.project_id,
    d.environment_id,
    c.name AS client,
    p.name AS project,
    p.status AS project_status,
    e.name AS environment,
    d.version,
    d.status,
    {{deployed_by(user => u, id => d.deployed_by)}} AS author,
    d.created_at,
    CASE WHEN d.finished_at >= d.created_at THEN d.finished_at - d.created_at END AS took
FROM deployments AS d
JOIN environments AS e
    ON e.id = d.environment_id
JOIN projects AS p
    ON p.id = d.project_id
JOIN clients AS c
    ON c.id = d.client_id
LEFT JOIN users AS u
    ON u.id = d.deployed_by
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN d.status IN ('failed', 'rolled_back') AND EXISTS (
            SELECT
            FROM deployments AS later
            WHERE later.environment_id = d.environment_id
                AND later.created_at > d.created_at
                AND later.status = 'success'
        ) THEN 'made_good'
        WHEN d.status IN ('failed', 'rolled_back') THEN d.status
        WHEN d.status IN ('pending', 'running') AND d.created_at < now() - :stuck_after::interval THEN 'stuck'
    END AS name
) AS state
WHERE {{of_scope(of => d)}}
    AND d.created_at > now() - :period::interval
    AND (:project::uuid IS NULL OR d.project_id = :project::uuid)
    AND (:environment::uuid IS NULL OR d.environment_id = :environment::uuid)
    AND :name::text IN ('all', e.name)
    AND :result::text IN ('all', d.status)
    AND {{found(first => p.name, second => d.version, third => u.email)}}
ORDER BY d.created_at DESC, d.id;
