-- The shared catalogue of materials, without those that are deleted.

SELECT
    CASE
        WHEN same.code > 1 THEN 'crit'
        WHEN same.name > 1 OR m.densite <= 0 THEN 'warn'
        ELSE 'ok'
    END AS severity,
    array_remove(ARRAY[
        CASE WHEN same.code > 1 THEN 'same_code' END,
        CASE WHEN same.code = 1 AND same.name > 1 THEN 'same_name' END,
        CASE WHEN m.densite <= 0 THEN 'no_density' END
    ], NULL) AS reason,
    m.id,
    m.code,
    m.nom AS name,
    m.nuance,
    m.unite,
    m.densite,
    same.code AS of_code,
    same.name AS of_name,
    m.updated_at
FROM (
    SELECT
        m.*,
        count(*) OVER (PARTITION BY upper(btrim(m.code))) AS same_code,
        count(*) OVER (PARTITION BY lower(btrim(m.nom)), coalesce(m.nuance, '')) AS same_name
    FROM shared_materials AS m
    WHERE m.deleted_at IS NULL
) AS m
CROSS JOIN LATERAL (SELECT m.same_code AS code, m.same_name AS name) AS same
WHERE {{found(first => m.code, second => m.nom, third => m.nuance)}}
ORDER BY m.code, m.id;
