-- The statements of this database that took the most time, by pg_stat_statements.
--
-- Most databases lack this extension, and a query with the name of a missing relation fails before
-- it runs. So query_to_xml() runs the text with the name, but only when everything is in place;
-- otherwise one row says what is missing. The result is passed on as hexadecimal, because XML
-- cannot hold every character of a query.

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
                                     SELECT p.*, left(p.query, 4000) AS query_start
                                     FROM %s AS p
                                     WHERE p.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                                     ORDER BY coalesce(to_jsonb(p) ->> ''total_exec_time'', to_jsonb(p) ->> ''total_time'')::float8 DESC
                                     LIMIT 200
                                 ) AS s',
                                getdatabaseencoding(), relation
                            ),
                            false, true, ''
                        )::text
                        FROM '<found>([0-9a-f]*)</found>'
                    ),
                    'hex'
                ),
                getdatabaseencoding()
            )::jsonb
        END AS statements,
        CASE
            WHEN NOT is_created AND NOT is_loaded THEN
                'pg_stat_statements is not in shared_preload_libraries, and this database has no such extension'
            WHEN NOT is_loaded THEN
                'pg_stat_statements is not in shared_preload_libraries'
            WHEN NOT is_created THEN
                'this database lacks the extension: CREATE EXTENSION pg_stat_statements'
            WHEN NOT is_readable THEN
                'this login may not read pg_stat_statements'
        END AS missing
    FROM place
)
SELECT
    CASE
        WHEN told.missing IS NOT NULL OR s.is_limited THEN 'unknown'
        WHEN s.mean_ms >= :mean_warn::float8 THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE
        WHEN told.missing IS NOT NULL THEN told.missing
        WHEN s.is_limited THEN 'another user''s: needs pg_monitor'
        WHEN s.mean_ms >= :mean_warn::float8 THEN format('%s s on average', round(s.mean_ms::numeric / 1000, 1))
    END AS why,
    -- Statements of other users have no queryid.
    coalesce(nullif(s.id, ''), 'none') || CASE WHEN s.is_limited THEN '/' || s.place ELSE '' END AS id,
    CASE WHEN NOT s.is_limited THEN s.query END AS query,
    s.calls,
    s.mean_ms,
    s.max_ms,
    s.total_ms,
    100 * s.total_ms / nullif(sum(s.total_ms) OVER (), 0) AS share,
    s.rows,
    s.blocks_read * current_setting('block_size')::bigint AS read,
    s.user_name AS "user"
FROM told
LEFT JOIN LATERAL (
    SELECT
        row_number() OVER () AS place,
        concat_ws('/', found ->> 'userid', found ->> 'queryid', found ->> 'toplevel') AS id,
        found ->> 'query_start' = '<insufficient privilege>' AS is_limited,
        CASE
            -- All of opsdash's statements begin alike; the first comment of the file says which one it is.
            WHEN found ->> 'query_start' LIKE '/* opsdash:%' THEN
                'opsdash: ' || coalesce(substring(found ->> 'query_start' FROM '-- ([^\n]*)'), 'a view')
            -- The statement itself, without the comments before it.
            ELSE regexp_replace(
                left(regexp_replace(found ->> 'query_start', '^(\s+|--[^\n]*(\n|$)|/\*([^*]|\*[^/])*\*/)+', ''), 400),
                '(\mpassword\s+E?)''(''''|[^''])*''?', '\1''***''', 'gi'
            )
        END AS query,
        (found ->> 'calls')::bigint AS calls,
        -- The names before PostgreSQL 13 come second.
        coalesce(found ->> 'mean_exec_time', found ->> 'mean_time')::float8 AS mean_ms,
        coalesce(found ->> 'max_exec_time', found ->> 'max_time')::float8 AS max_ms,
        coalesce(found ->> 'total_exec_time', found ->> 'total_time')::float8 AS total_ms,
        (found ->> 'rows')::bigint AS rows,
        (found ->> 'shared_blks_read')::bigint AS blocks_read,
        (SELECT rolname FROM pg_roles WHERE oid = (found ->> 'userid')::oid) AS user_name
    FROM jsonb_array_elements(told.statements) AS found
) AS s ON true
WHERE (told.missing IS NOT NULL OR s.place IS NOT NULL)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', s.query, s.user_name)), lower(:search::text)) > 0)
ORDER BY s.total_ms DESC NULLS LAST, s.place;
