-- Of one société's database: tables whose societe_id no index begins with, indexes that CONCURRENTLY left invalid, and large
-- ones that nothing uses.

WITH counting AS (
    SELECT coalesce(s.stats_reset, pg_postmaster_start_time()) AS since
    FROM pg_stat_database AS s
    WHERE s.datname = current_database()
)
SELECT
    CASE WHEN f.finding = 'unused' AND counting.since > now() - :counted_for::interval THEN 'ok' ELSE 'warn' END AS severity,
    f.finding AS reason,
    f.finding,
    f.name,
    f.of_table,
    f.size,
    counting.since AS counted_since
FROM counting
CROSS JOIN (
    SELECT
        'no_index' AS finding,
        t.relname::text AS name,
        t.relname::text AS of_table,
        pg_relation_size(t.oid) AS size
    FROM pg_class AS t
    JOIN pg_attribute AS a
        ON a.attrelid = t.oid
        AND a.attname = 'societe_id'
        AND NOT a.attisdropped
    WHERE t.relkind IN ('r', 'p')
        AND t.relnamespace = 'public'::regnamespace
        AND NOT EXISTS (
            SELECT FROM pg_index AS i WHERE i.indrelid = t.oid AND i.indkey[0] = a.attnum AND i.indisvalid
        )
    UNION ALL
    SELECT
        CASE WHEN NOT i.indisvalid THEN 'invalid' ELSE 'unused' END,
        s.indexrelname::text,
        s.relname::text,
        pg_relation_size(s.indexrelid)
    FROM pg_stat_user_indexes AS s
    JOIN pg_index AS i
        ON i.indexrelid = s.indexrelid
    WHERE NOT i.indisvalid
        OR s.idx_scan = 0
            AND NOT i.indisunique
            AND pg_relation_size(s.indexrelid) >= pg_size_bytes(:unused_size::text)
) AS f
ORDER BY array_position(ARRAY['invalid', 'no_index', 'unused'], f.finding), f.size DESC, f.name;
