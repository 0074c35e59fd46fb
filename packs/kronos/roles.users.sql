-- Who has a role.

SELECT
    u.username,
    u.email,
    {{finite(time => u.created_at)}} AS created_at
FROM users AS u
WHERE u.role_id = :key::int
ORDER BY u.username
LIMIT 100;
