-- What people did, the newest first. Off hours are told by the clock of :office_zone, and weekends are.

SELECT
    CASE WHEN at.off_hours AND at.grave THEN 'warn' ELSE 'ok' END AS severity,
    CASE WHEN at.off_hours AND at.grave THEN 'grave_off_hours' WHEN at.off_hours THEN 'off_hours' END AS reason,
    l.id,
    l.user_id,
    coalesce(c.name, 'MoonOps') AS client,
    coalesce(u.email, CASE WHEN l.user_id IS NULL THEN 'nobody' ELSE 'not of this client' END) AS actor,
    l.action,
    l.entity_type,
    l.entity_id,
    l.ip_address,
    l.created_at
FROM audit_logs AS l
LEFT JOIN clients AS c
    ON c.id = l.client_id
LEFT JOIN users AS u
    ON u.id = l.user_id
CROSS JOIN LATERAL (SELECT l.created_at AT TIME ZONE :office_zone::text AS local OFFSET 0) AS clock
CROSS JOIN LATERAL (
    SELECT
        extract(hour FROM clock.local) NOT BETWEEN :work_from::int AND :work_to::int - 1
            OR extract(isodow FROM clock.local) > 5 AS off_hours,
        l.action ~* ('(' || :grave::text || ')') AS grave
) AS at
WHERE {{of_scope(of => l)}}
    AND l.created_at > now() - :period::interval
    AND (:hours::text = 'all' OR at.off_hours)
    AND :action::text IN ('all', l.action)
    AND (:user::uuid IS NULL OR l.user_id = :user::uuid)
    AND {{found(first => u.email, second => l.action, third => concat_ws(' ', l.entity_type, l.entity_id, c.name))}}
ORDER BY l.created_at DESC, l.id DESC;
