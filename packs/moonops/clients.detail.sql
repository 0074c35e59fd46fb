-- One client.

SELECT
    c.id,
    c.name,
    c.contact_email,
    c.status,
    c.created_at,
    c.updated_at,
    (SELECT count(*) FROM users AS u WHERE u.client_id = c.id) AS users,
    (SELECT max(u.last_login_at) FROM users AS u WHERE u.client_id = c.id) AS last_login_at
FROM clients AS c
WHERE c.id = :key::uuid
    AND (:scope::uuid IS NULL OR c.id = :scope::uuid);
