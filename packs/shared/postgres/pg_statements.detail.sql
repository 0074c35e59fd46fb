-- One statement of pg_stat_statements, whole. For the way it is asked, see pg_statements.sql.

WITH place AS MATERIALIZED (
    SELECT
        ext.oid IS NOT NULL AS is_created,
        -- The settings of the module exist only when the server loaded the module at its start.
        EXISTS (SELECT FROM pg_settings WHERE name = 'pg_stat_statements.max') AS is_loaded,
        coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), false) AS is_readable,
        quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS relation
    FROM (SELECT 'pg_stat_statements' AS name) AS wanted
    LEFT JOIN pg_extension AS ext
        ON ext.extname = wanted.name
    LEFT JOIN pg_class AS c
        ON c.relname = wanted.name
        AND c.relnamespace = ext.extnamespace
    LEFT JOIN pg_namespace AS n
        ON n.oid = c.relnamespace
),
told AS MATERIALIZED (
    SELECT
        CASE WHEN is_created AND is_loaded AND is_readable THEN
            convert_from(
                decode(
                    substring(
                        query_to_xml(
                            format(
                                'SELECT encode(convert_to(coalesce(jsonb_agg(to_jsonb(s) - ''query''), ''[]'')::text, %L), ''hex'') AS found
                                 FROM (
                                     SELECT p.*, left(p.query, 20000) AS whole
                                     FROM %s AS p
                                     WHERE p.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                                         AND concat_ws(''/'', p.userid, p.queryid, to_jsonb(p) ->> ''toplevel'') = %L
                                 ) AS s',
                                getdatabaseencoding(), relation, :key::text
                            ),
                            false, true, ''
                        )::text
                        FROM '<found>([0-9a-f]*)</found>'
                    ),
                    'hex'
                ),
                getdatabaseencoding()
            )::jsonb
        END AS statements
    FROM place
)
SELECT
    (SELECT rolname FROM pg_roles WHERE oid = (found ->> 'userid')::oid) AS "user",
    (found ->> 'calls')::bigint AS calls,
    (found ->> 'rows')::bigint AS rows,
    coalesce(found ->> 'total_exec_time', found ->> 'total_time')::float8 AS total_ms,
    coalesce(found ->> 'mean_exec_time', found ->> 'mean_time')::float8 AS mean_ms,
    coalesce(found ->> 'min_exec_time', found ->> 'min_time')::float8 AS min_ms,
    coalesce(found ->> 'max_exec_time', found ->> 'max_time')::float8 AS max_ms,
    coalesce(found ->> 'stddev_exec_time', found ->> 'stddev_time')::float8 AS deviation_ms,
    (found ->> 'shared_blks_hit')::bigint * current_setting('block_size')::bigint AS from_memory,
    (found ->> 'shared_blks_read')::bigint * current_setting('block_size')::bigint AS from_disk,
    (found ->> 'temp_blks_written')::bigint * current_setting('block_size')::bigint AS spilled,
    regexp_replace(found ->> 'whole', '(\mpassword\s+E?)''(''''|[^''])*''?', '\1''***''', 'gi') AS query
FROM told
CROSS JOIN jsonb_array_elements(told.statements) AS found;
