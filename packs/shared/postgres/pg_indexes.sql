-- Indexes of this database: invalid ones, those that repeat another, and those that no query has
-- used since the server began to count. That alone is no reason to drop an index: the queries of a
-- replica are counted on the replica.

WITH counting AS (
    -- After a reset, or a crash, the counters begin anew.
    SELECT coalesce(stats_reset, pg_postmaster_start_time()) AS since
    FROM pg_stat_database
    WHERE datname = current_database()
),
barred AS MATERIALIZED (
    -- Measuring an index waits for an exclusive lock on it, its definition for one on its table.
    SELECT DISTINCT l.relation
    FROM pg_locks AS l
    WHERE l.mode = 'AccessExclusiveLock'
        AND l.relation IS NOT NULL
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
),
known AS (
    SELECT
        s.relid,
        s.schemaname,
        s.relname,
        s.indexrelid,
        s.indexrelname,
        s.idx_scan,
        i.indisvalid,
        i.indisunique,
        i.indisprimary,
        held.barred,
        CASE
            WHEN NOT held.barred THEN pg_relation_size(s.indexrelid)
            ELSE c.relpages * current_setting('block_size')::bigint
        END AS size,
        -- Same columns, operators, expressions and condition. The first by name counts as the original.
        min(s.indexrelname) FILTER (WHERE i.indisvalid) OVER same AS first_of_kind,
        count(*) FILTER (WHERE i.indisvalid) OVER same AS of_kind
    FROM pg_stat_user_indexes AS s
    JOIN pg_index AS i
        ON i.indexrelid = s.indexrelid
    JOIN pg_class AS c
        ON c.oid = s.indexrelid
    CROSS JOIN LATERAL (
        SELECT EXISTS (SELECT FROM barred WHERE barred.relation IN (s.indexrelid, s.relid)) AS barred
    ) AS held
    WHERE c.relpersistence <> 't'
    WINDOW same AS (
        PARTITION BY i.indrelid, c.relam, i.indkey::text, i.indclass::text, i.indcollation::text,
            i.indoption::text, i.indexprs::text, i.indpred::text
    )
)
SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    k.indexrelid::text AS id,
    k.indexrelname AS index,
    CASE WHEN k.schemaname = 'public' THEN k.relname ELSE k.schemaname || '.' || k.relname END AS "table",
    CASE WHEN k.indisprimary THEN 'primary' WHEN k.indisunique THEN 'unique' END AS kind,
    k.size,
    k.idx_scan AS scans,
    CASE WHEN NOT k.barred THEN substring(pg_get_indexdef(k.indexrelid) FROM 'USING (.*)$') END AS definition,
    k.first_of_kind AS same_as,
    counting.since AS counted_since
FROM known AS k
CROSS JOIN counting
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN NOT k.indisvalid THEN
            ARRAY['warn', 'invalid']
        WHEN k.of_kind > 1 AND NOT k.indisunique AND k.indexrelname <> k.first_of_kind THEN
            ARRAY['warn', 'duplicate']
        WHEN k.idx_scan = 0 AND NOT k.indisunique AND k.size >= pg_size_bytes(:unused_size::text) THEN
            ARRAY[CASE WHEN counting.since < now() - :counted_for::interval THEN 'warn' ELSE 'ok' END, 'unused']
        ELSE
            ARRAY['ok', NULL]
    END AS found
) AS verdict
WHERE (:table::oid IS NULL OR k.relid = :table::oid)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', k.indexrelname, k.relname)), lower(:search::text)) > 0)
ORDER BY k.size DESC, k.indexrelname;
