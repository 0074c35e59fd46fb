-- What the actions of an alert show and compare.
p.name AS project,
    a.severity,
    a.title,
    a.status,
    a.acknowledged_at::text AS acknowledged_at,
    a.acknowledged_by,
    a.resolved_at::text AS resolved_at,
    a.resolved_by,
    a.resolution_note,
    a.updated_at::text AS updated_at
