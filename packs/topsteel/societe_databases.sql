-- Databases that a société names.

SELECT
    'ok' AS severity,
    NULL::text AS why,
    s.database_name,
    string_agg(s.nom, ', ' ORDER BY s.nom) AS societe
FROM societes AS s
WHERE s.deleted_at IS NULL
    AND s.database_name IS NOT NULL
GROUP BY s.database_name
ORDER BY s.database_name;
