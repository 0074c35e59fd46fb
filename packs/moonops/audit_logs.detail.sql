-- One entry.

SELECT
    l.id,
    l.created_at,
    u.email AS actor,
    u.role,
    l.action,
    l.entity_type,
    l.entity_id,
    l.ip_address,
    l.details
FROM audit_logs AS l
LEFT JOIN users AS u
    ON u.id = l.user_id
WHERE l.id = :key::bigint
    AND {{of_scope(of => l)}};
