-- One deployment, and the run that made it.

SELECT
    d.id,
    c.name AS client,
    p.name AS project,
    e.name AS environment,
    d.version,
    d.status,
    {{deployed_by(user => u, id => d.deployed_by)}} AS author,
    d.created_at,
    d.finished_at,
    r.name AS pipeline,
    r.status AS pipeline_status,
    r.branch,
    r.commit_sha
FROM deployments AS d
JOIN environments AS e
    ON e.id = d.environment_id
JOIN projects AS p
    ON p.id = d.project_id
JOIN clients AS c
    ON c.id = d.client_id
LEFT JOIN users AS u
    ON u.id = d.deployed_by
LEFT JOIN pipelines AS r
    ON r.id = d.pipeline_id
WHERE d.id = :key::uuid
    AND {{of_scope(of => d)}};
