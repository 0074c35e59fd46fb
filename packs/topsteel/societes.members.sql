-- Who belongs to one société.

SELECT
    coalesce(u.email, 'no such user: ' || su.user_id) AS "user",
    su.role,
    su.actif AND coalesce(u.actif AND u.deleted_at IS NULL, false) AS active,
    su.last_activity_at
FROM societe_users AS su
LEFT JOIN users AS u
    ON u.id = su.user_id
WHERE su.societe_id = :key::uuid
    AND su.deleted_at IS NULL
ORDER BY su.last_activity_at DESC NULLS LAST
LIMIT 100;
