-- One user, without the password hash.

SELECT
    u.id,
    u.username,
    u.email,
    r.name AS role,
    r.permissions,
    {{finite(time => u.created_at)}} AS created_at
FROM users AS u
LEFT JOIN roles AS r
    ON r.id = u.role_id
WHERE u.id = :key::int;
