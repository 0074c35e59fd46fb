-- One société.

SELECT
    s.id,
    s.code,
    s.nom AS societe,
    s.status,
    s.database_name,
    s.created_at,
    s.updated_at
FROM societes AS s
WHERE s.id = :key::uuid;
