-- The newest alerts of one row.

SELECT
    a.created_at,
    e.name AS environment,
    left(a.message, 400) AS message
FROM alerts AS a
LEFT JOIN environments AS e
    ON e.id = a.environment_id
WHERE {{alert_key}} = :key::text
    AND {{of_scope(of => a)}}
ORDER BY a.created_at DESC
LIMIT 20;
