-- One user.

SELECT
    u.id,
    u.email,
    u.prenom,
    u.nom,
    u.actif AS active,
    u.last_login_at,
    u.created_at,
    u.updated_at
FROM users AS u
WHERE u.id = :key::uuid;
