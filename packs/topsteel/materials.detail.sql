-- One material.

SELECT
    m.id,
    m.code,
    m.nom AS name,
    m.nuance,
    m.unite,
    m.densite,
    m.created_at,
    m.updated_at
FROM shared_materials AS m
WHERE m.id = :key::uuid;
