-- One administrator, without the password hash.

SELECT
    u.id,
    u.name,
    u.email,
    u.role::text AS role,
    u.active,
    u."lastLoginAt"::timestamptz AS last_login_at,
    u."createdAt"::timestamptz AS created_at,
    u."updatedAt"::timestamptz AS updated_at
FROM admin_users AS u
WHERE u.id = :key::uuid;
