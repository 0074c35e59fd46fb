-- Alerts by what they say: one row for those of a project with one title, severity and status, the newest first. The row key
-- is a hash of these.

SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    g.alert,
    g.client_id,
    g.project_id,
    c.name AS client,
    p.name AS project,
    g.level,
    g.title,
    g.status,
    g.alerts,
    g.environments,
    g.acknowledged_by,
    g.first_at,
    g.last_at
FROM (
    SELECT
        {{alert_key}} AS alert,
        a.client_id,
        a.project_id,
        a.severity AS level,
        a.title,
        a.status,
        count(*) AS alerts,
        string_agg(DISTINCT e.name, ', ') AS environments,
        string_agg(DISTINCT a.acknowledged_by, ', ') AS acknowledged_by,
        min(a.created_at) AS first_at,
        max(a.created_at) AS last_at
    FROM alerts AS a
    LEFT JOIN environments AS e
        ON e.id = a.environment_id
    WHERE {{of_scope(of => a)}}
        AND (a.status <> 'resolved' OR a.created_at > now() - :resolved_back::interval)
        AND CASE :status::text
            WHEN 'not resolved' THEN a.status <> 'resolved'
            WHEN 'all' THEN true
            ELSE a.status = :status::text
        END
        AND (:client::uuid IS NULL OR a.client_id = :client::uuid)
        AND (:project::uuid IS NULL OR a.project_id = :project::uuid)
        AND :level::text IN ('all', a.severity)
    GROUP BY a.client_id, a.project_id, a.severity, a.title, a.status
) AS g
JOIN projects AS p
    ON p.id = g.project_id
JOIN clients AS c
    ON c.id = g.client_id
CROSS JOIN LATERAL (SELECT {{alert_verdict(severity => g.level, status => g.status)}} AS found) AS verdict
WHERE {{found(first => g.title, second => p.name, third => c.name)}}
ORDER BY g.last_at DESC, g.alert;
