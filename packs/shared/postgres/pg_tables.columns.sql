-- What ANALYZE knows of one table's columns, the least correlated first: the document's query on
-- pg_stats. Correlation says how far the order on disk follows the values (1 or -1: entirely). It
-- does not say which index is missing. Columns that this login may not read are not listed.

SELECT
    s.attname AS column,
    s.n_distinct AS distinct_values,  -- below 0: as a share of the rows
    s.null_frac * 100 AS null_share,
    s.correlation,
    s.avg_width AS bytes
FROM pg_stat_user_tables AS t
JOIN pg_stats AS s
    ON s.schemaname = t.schemaname
    AND s.tablename = t.relname
WHERE t.relid = :key::oid
    AND NOT s.inherited
ORDER BY abs(s.correlation) NULLS LAST, s.attname;
