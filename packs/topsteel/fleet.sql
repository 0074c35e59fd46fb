-- What each database says of itself. Its counters are since the last reset, or since it was made; a crash resets them.

SELECT
    'ok' AS severity,
    NULL::text AS reason,
    true AS reachable,
    true AS usable,
    pg_database_size(current_database()) AS size,
    s.numbackends AS connections,
    ((s.xact_commit + s.xact_rollback) / greatest(extract(epoch FROM now() - counting.since), 1))::float8 AS xact_per_s,
    (100.0 * s.blks_hit / nullif(s.blks_hit + s.blks_read, 0))::float8 AS cache_hit,
    {{of_table(table => 'migrations', query => 'SELECT count(*) AS n FROM %I')}}::bigint AS migrations,
    {{of_table(table => 'migrations', query => 'SELECT (array_agg(name ORDER BY timestamp DESC, id DESC))[1] AS n FROM %I')}}
        AS last_migration,
    (
        -- Tables and columns with their types, in whatever order they were made.
        SELECT left(md5(string_agg(concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull), ',' ORDER BY c.relname, a.attname)), 8)
        FROM pg_class AS c
        JOIN pg_attribute AS a
            ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace
            AND c.relkind IN ('r', 'p')
            AND a.attnum > 0
            AND NOT a.attisdropped
    ) AS schema_hash,
    current_setting('server_version') AS version
FROM pg_stat_database AS s
CROSS JOIN LATERAL (SELECT coalesce(s.stats_reset, pg_postmaster_start_time()) AS since) AS counting
WHERE s.datname = current_database();
