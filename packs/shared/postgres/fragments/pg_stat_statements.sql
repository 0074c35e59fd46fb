-- Whether pg_stat_statements can be read here, and what a query of it returns: parts of a WITH.
--
-- Most databases lack this extension, and a query with the name of a missing relation fails before
-- it runs. So query_to_xml() runs the text with the name, but only when everything is in place. The
-- result is passed on as hexadecimal, because XML cannot hold every character of a query.
place AS MATERIALIZED (
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
found AS MATERIALIZED (
    SELECT
        place.*,
        CASE WHEN is_created AND is_loaded AND is_readable THEN
            convert_from(
                decode(
                    substring(
                        query_to_xml(
                            format(
                                'SELECT encode(convert_to(coalesce(jsonb_agg(to_jsonb(s) - ''query''), ''[]'')::text, %L), ''hex'') AS found
                                 FROM (SELECT p.*, left(p.query, %s) AS beginning FROM %s AS p
                                     WHERE p.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) %s) AS s',
                                getdatabaseencoding(), {{length}}, relation, {{narrowed}}
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
