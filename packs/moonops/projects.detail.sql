-- One project.

SELECT
    p.id,
    c.name AS client,
    p.name AS project,
    p.status,
    p.repository_url,
    p.created_at,
    p.updated_at
FROM projects AS p
JOIN clients AS c
    ON c.id = p.client_id
WHERE p.id = :key::uuid
    AND {{of_scope(of => p)}};
