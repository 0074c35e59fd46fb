-- The indexes of one table, the most used first.

SELECT
    c.relname AS index,
    CASE WHEN NOT i.indisvalid THEN 'invalid' WHEN i.indisprimary THEN 'primary' WHEN i.indisunique THEN 'unique' END AS kind,
    c.relpages * current_setting('block_size')::bigint AS size,
    pg_stat_get_numscans(i.indexrelid) AS scans,
    -- The definition of an index waits for an exclusive lock on its table.
    CASE WHEN NOT locked.exclusively THEN
        substring(pg_get_indexdef(i.indexrelid) FROM 'USING (.*)$')
    END AS definition
FROM pg_index AS i
JOIN pg_class AS c
    ON c.oid = i.indexrelid
CROSS JOIN (
    SELECT EXISTS (
        SELECT FROM pg_locks WHERE relation = :key::oid AND mode = 'AccessExclusiveLock'
    ) AS exclusively
) AS locked
WHERE i.indrelid = :key::oid
ORDER BY scans DESC, c.relname;
