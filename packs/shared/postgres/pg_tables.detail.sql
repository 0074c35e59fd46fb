-- One table: what the server counts, and since when.

SELECT
    s.schemaname AS schema,
    s.relname AS "table",
    CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 'u' THEN 'unlogged' ELSE 'temporary' END AS kind,
    c.relpages * current_setting('block_size')::bigint AS heap_size,
    CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS estimated_rows,
    s.n_live_tup AS live_rows,
    s.n_dead_tup AS dead_rows,
    s.n_mod_since_analyze AS changed_since_analyze,
    age(c.relfrozenxid) AS xid_age,
    s.last_vacuum,
    s.last_autovacuum,
    s.last_analyze,
    s.last_autoanalyze,
    s.n_tup_ins AS inserted,
    s.n_tup_upd AS updated,
    s.n_tup_hot_upd AS updated_in_place,
    s.n_tup_del AS deleted,
    s.seq_scan AS seq_scans,
    s.seq_tup_read AS rows_read_by_seq_scans,
    s.idx_scan AS index_scans,
    (SELECT d.stats_reset FROM pg_stat_database AS d WHERE d.datname = current_database()) AS counted_since
FROM pg_stat_user_tables AS s
JOIN pg_class AS c
    ON c.oid = s.relid
WHERE s.relid = :key::oid;
