-- Alerts as they are now, to be looked at before they are written.

SELECT
    a.id::text AS key,
    {{alert_now}}
FROM alerts AS a
JOIN projects AS p
    ON p.id = a.project_id
WHERE a.id = ANY (:keys::uuid[])
    AND {{of_scope(of => a)}}
ORDER BY a.created_at, a.id;
