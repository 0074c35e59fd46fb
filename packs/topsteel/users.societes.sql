-- What one user belongs to, also what is gone.

SELECT
    coalesce(s.nom, 'no such société: ' || su.societe_id) AS societe,
    su.role,
    su.actif AS active,
    su.last_activity_at
FROM societe_users AS su
LEFT JOIN societes AS s
    ON s.id = su.societe_id
    AND s.deleted_at IS NULL
WHERE su.user_id = :key::uuid
    AND su.deleted_at IS NULL
ORDER BY s.nom;
