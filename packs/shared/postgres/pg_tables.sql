-- Tables of this database: size, dead rows, when they were last cleaned, how they are read.
--
-- Sizes are measured, except of tables with an exclusive lock that a session has or waits for:
-- measuring would wait for that lock. Their size is that of the last VACUUM or ANALYZE.

WITH barred AS MATERIALIZED (
    SELECT DISTINCT coalesce(owner.oid, i.indrelid, l.relation) AS relation
    FROM pg_locks AS l
    LEFT JOIN pg_index AS i
        ON i.indexrelid = l.relation
    LEFT JOIN pg_class AS owner
        ON owner.reltoastrelid = coalesce(i.indrelid, l.relation)
    WHERE l.mode = 'AccessExclusiveLock'
        AND l.relation IS NOT NULL
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
),
known AS (
    SELECT
        s.relid,
        s.schemaname,
        s.relname,
        c.reltuples,
        s.n_live_tup,
        s.n_dead_tup,
        s.n_mod_since_analyze,
        s.seq_scan,
        s.idx_scan,
        greatest(s.last_vacuum, s.last_autovacuum) AS vacuumed_at,
        greatest(s.last_analyze, s.last_autoanalyze) AS analyzed_at,
        barred.relation IS NOT NULL AS is_barred,
        100.0 * s.n_dead_tup / nullif(s.n_live_tup + s.n_dead_tup, 0) AS dead_share,
        100.0 * s.seq_scan / nullif(s.seq_scan + coalesce(s.idx_scan, 0), 0) AS seq_share,
        CASE
            WHEN barred.relation IS NULL THEN pg_total_relation_size(s.relid)
            ELSE (
                SELECT sum(part.relpages)::bigint
                FROM pg_class AS part
                WHERE part.oid IN (s.relid, c.reltoastrelid)
                    OR part.oid IN (
                        SELECT i.indexrelid FROM pg_index AS i WHERE i.indrelid IN (s.relid, c.reltoastrelid)
                    )
            ) * current_setting('block_size')::bigint
        END AS total_size
    FROM pg_stat_user_tables AS s
    JOIN pg_class AS c
        ON c.oid = s.relid
    LEFT JOIN barred
        ON barred.relation = s.relid
    WHERE c.relpersistence <> 't'
)
SELECT
    verdict.found[1] AS severity,
    array_remove(ARRAY[verdict.found[2], CASE WHEN k.is_barred THEN 'locked' END], NULL) AS reason,
    k.relid::text AS id,
    CASE WHEN k.schemaname = 'public' THEN k.relname ELSE k.schemaname || '.' || k.relname END AS "table",
    k.total_size,
    -- An estimate; -1 means that there is none yet.
    CASE WHEN k.reltuples >= 0 THEN k.reltuples::bigint ELSE k.n_live_tup END AS rows,
    k.n_dead_tup AS dead_rows,
    k.dead_share,
    k.vacuumed_at,
    k.analyzed_at,
    k.seq_scan AS seq_scans,
    k.idx_scan AS index_scans,
    k.seq_share
FROM known AS k
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN k.dead_share >= :dead_percent::numeric AND k.n_dead_tup >= :dead_rows::bigint THEN
            ARRAY['warn', 'dead_rows']
        WHEN k.analyzed_at IS NULL AND k.n_live_tup >= :big_rows::bigint THEN
            ARRAY['warn', 'never_analyzed']
        WHEN k.n_live_tup >= :big_rows::bigint
            AND k.seq_scan >= :seq_scans::bigint
            AND k.seq_share >= :seq_percent::numeric THEN
            ARRAY['warn', 'whole_scans']
        ELSE
            ARRAY['ok', NULL]
    END AS found
) AS verdict
WHERE :search::text IS NULL
    OR strpos(lower(concat_ws('.', k.schemaname, k.relname)), lower(:search::text)) > 0
ORDER BY k.total_size DESC NULLS LAST, k.schemaname, k.relname;
