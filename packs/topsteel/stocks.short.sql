-- What one société has too little of.

SELECT
    x.material_code,
    x.quantite,
    x.seuil,
    x.updated_at
FROM stocks AS x
WHERE :key::text IS NOT NULL
    AND x.deleted_at IS NULL
    AND (x.quantite < 0 OR x.quantite < x.seuil)
ORDER BY x.quantite
LIMIT 50;
