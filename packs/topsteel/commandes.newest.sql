-- The newest orders of one société.

SELECT
    x.created_at,
    x.numero,
    x.statut,
    x.montant_ht,
    x.devise,
    c.nom AS client
FROM commandes AS x
LEFT JOIN clients AS c
    ON c.id = x.client_id
WHERE :key::text IS NOT NULL
    AND x.deleted_at IS NULL
ORDER BY x.created_at DESC
LIMIT 20;
