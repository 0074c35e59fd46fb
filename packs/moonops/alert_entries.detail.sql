-- One alert.

SELECT
    a.id,
    c.name AS client,
    p.name AS project,
    e.name AS environment,
    a.severity,
    a.title,
    a.message,
    a.status,
    a.created_at,
    a.acknowledged_at,
    a.acknowledged_by,
    a.resolved_at,
    a.resolved_by,
    a.resolution_note
FROM alerts AS a
JOIN projects AS p
    ON p.id = a.project_id
JOIN clients AS c
    ON c.id = a.client_id
LEFT JOIN environments AS e
    ON e.id = a.environment_id
WHERE a.id = :key::uuid
    AND {{of_scope(of => a)}};
