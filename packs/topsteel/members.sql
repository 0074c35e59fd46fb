-- Whose each database is. The document does not say how they are named; what societes says counts.
SELECT
    s.database_name AS database,
    s.nom AS label,
    s.id::text AS societe_id
FROM societes AS s
WHERE s.deleted_at IS NULL
    AND s.database_name IS NOT NULL;
