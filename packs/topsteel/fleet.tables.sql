-- The largest tables of one database.

SELECT
    c.relname AS name,
    pg_total_relation_size(c.oid) AS size,
    CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS rows
FROM pg_class AS c
WHERE :key::text IS NOT NULL
    AND c.relkind = 'r'
    AND c.relnamespace = 'public'::regnamespace
ORDER BY pg_total_relation_size(c.oid) DESC, c.relname
LIMIT 10;
