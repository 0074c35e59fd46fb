-- What the roles of one user permit.

SELECT
    p.role,
    string_agg(p.code, ', ' ORDER BY p.code) AS permissions
FROM permissions AS p
WHERE p.role IN (SELECT su.role FROM societe_users AS su WHERE su.user_id = :key::uuid AND su.deleted_at IS NULL)
GROUP BY p.role
ORDER BY p.role;
