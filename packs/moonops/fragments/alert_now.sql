-- What the actions of an alert show and compare. Many may have one title, so when it began says which one it is.
p.name || ': ' || a.title AS alert,
    a.created_at::timestamptz(0)::text AS since,
    a.severity,
    a.status,
    a.acknowledged_at::text AS acknowledged_at,
    a.acknowledged_by,
    a.resolved_at::text AS resolved_at,
    a.resolved_by,
    a.resolution_note,
    a.updated_at::text AS updated_at
