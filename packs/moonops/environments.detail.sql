-- One environment.

SELECT
    e.id,
    c.name AS client,
    p.name AS project,
    e.name AS environment,
    e.status,
    e.url,
    e.created_at,
    e.updated_at
FROM environments AS e
JOIN projects AS p
    ON p.id = e.project_id
JOIN clients AS c
    ON c.id = e.client_id
WHERE e.id = :key::uuid
    AND {{of_scope(of => e)}};
