-- Single alerts, the newest first.

SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    a.id,
    a.client_id,
    a.project_id,
    c.name AS client,
    p.name AS project,
    e.name AS environment,
    a.severity AS level,
    a.title,
    left(a.message, 400) AS message,
    a.status,
    a.created_at,
    a.acknowledged_by,
    a.resolved_by,
    a.resolved_at - a.created_at AS took
FROM alerts AS a
JOIN projects AS p
    ON p.id = a.project_id
JOIN clients AS c
    ON c.id = a.client_id
LEFT JOIN environments AS e
    ON e.id = a.environment_id
CROSS JOIN LATERAL (SELECT {{alert_verdict(severity => a.severity, status => a.status)}} AS found) AS verdict
WHERE {{of_scope(of => a)}}
    AND (:alert::text IS NULL OR {{alert_key}} = :alert::text)
    AND CASE :status::text
        WHEN 'not resolved' THEN a.status <> 'resolved'
        WHEN 'all' THEN true
        ELSE a.status = :status::text
    END
    AND :level::text IN ('all', a.severity)
    AND {{found(first => a.title, second => a.message, third => p.name)}}
ORDER BY a.created_at DESC, a.id;
