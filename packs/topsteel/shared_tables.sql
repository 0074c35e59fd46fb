-- The tables of SHARED, whichever there are: materials, processes, quality standards. Those without deleted_at are counted
-- whole.

SELECT
    CASE WHEN c.live = 0 THEN 'warn' ELSE 'ok' END AS severity,
    CASE WHEN c.live = 0 THEN 'nothing' END AS reason,
    c.name,
    c.live,
    c.deleted,
    c.updated_at
FROM (
    SELECT
        t.name,
        CASE WHEN t.soft
            THEN {{of_table(table => t.name, query => 'SELECT count(*) AS n FROM %I WHERE deleted_at IS NULL')}}
            ELSE {{of_table(table => t.name, query => 'SELECT count(*) AS n FROM %I')}}
        END::bigint AS live,
        CASE WHEN t.soft
            THEN {{of_table(table => t.name, query => 'SELECT count(*) AS n FROM %I WHERE deleted_at IS NOT NULL')}}
        END::bigint AS deleted,
        CASE WHEN t.dated
            THEN {{of_table(table => t.name, query => 'SELECT max(updated_at) AS n FROM %I')}}
        END::timestamptz AS updated_at
    FROM (
        SELECT
            c.relname::text AS name,
            bool_or(a.attname = 'deleted_at') AS soft,
            bool_or(a.attname = 'updated_at') AS dated
        FROM pg_class AS c
        JOIN pg_attribute AS a
            ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace
            AND c.relkind IN ('r', 'p')
            AND c.relname <> 'migrations'
            AND a.attnum > 0
            AND NOT a.attisdropped
        GROUP BY c.relname
    ) AS t
) AS c
ORDER BY c.name;
