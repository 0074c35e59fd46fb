-- Clients to choose from. Two of one name are told apart by their address.
SELECT
    c.id,
    CASE WHEN count(*) OVER (PARTITION BY c.name) > 1 THEN c.name || ' (' || c.contact_email || ')' ELSE c.name END AS label
FROM clients AS c
ORDER BY c.name, c.contact_email;
