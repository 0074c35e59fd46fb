-- The counters of the database of before the migration. Its tables may not have deleted_at, and may be missing.

SELECT
    'ok' AS severity,
    NULL::text AS why,
    c.counter,
    CASE WHEN c.soft
        THEN {{of_table(table => c.name, query => 'SELECT count(*) AS n FROM %I WHERE deleted_at IS NULL')}}
        ELSE {{of_table(table => c.name, query => 'SELECT count(*) AS n FROM %I')}}
    END::bigint AS in_origin
FROM (
    SELECT
        counter.name AS counter,
        counter.found AS name,
        EXISTS (
            SELECT
            FROM pg_attribute AS a
            WHERE a.attrelid = to_regclass(counter.found)
                AND a.attname = 'deleted_at'
                AND NOT a.attisdropped
        ) AS soft
    FROM (VALUES
        ('users', 'users'), ('societes', 'societes'), ('shared_materials', :materials_table::text), ('clients', 'clients'),
        ('commandes', 'commandes')
    ) AS counter (name, found)
) AS c
ORDER BY c.counter;
