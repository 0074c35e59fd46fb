-- The facts for doctor from the catalogs: the login and the named tables, as one JSON document
-- in the shape of the core's DatabaseCatalog. $1: names of tables. $2: names of roles.
WITH relation AS (
    SELECT c.oid, n.nspname, c.relname, c.relowner, c.relrowsecurity, c.relkind,
        has_schema_privilege(n.oid, 'USAGE') AS usable,
        pg_table_is_visible(c.oid) AS visible
    FROM pg_class AS c
    JOIN pg_namespace AS n
        ON n.oid = c.relnamespace
    WHERE c.relname = ANY ($1::text[])
        AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND n.nspname !~ '^pg_(toast|temp)'
),
me AS (
    SELECT * FROM pg_roles WHERE rolname = current_user
)
SELECT jsonb_build_object(
    'login', current_user,
    'encoding', current_setting('server_encoding'),
    'powers', (
        SELECT coalesce(jsonb_agg(power.word), '[]')
        FROM me
        CROSS JOIN LATERAL (VALUES
            (me.rolsuper, 'is a superuser'),
            (me.rolcreaterole AND NOT me.rolsuper, 'may create roles'),
            (me.rolcreatedb AND NOT me.rolsuper, 'may create databases'),
            (me.rolreplication AND NOT me.rolsuper, 'may replicate'),
            -- Where a table needs it, it is what lets the login see whole tables.
            (me.rolbypassrls AND NOT me.rolsuper AND NOT EXISTS (
                SELECT FROM relation WHERE relrowsecurity
            ), 'bypasses row-level security'),
            (NOT me.rolsuper AND EXISTS (
                SELECT FROM relation WHERE visible AND pg_has_role(relowner, 'USAGE')
            ), 'owns tables')
        ) AS power (held, word)
        WHERE power.held
    ),
    'roles', (
        SELECT coalesce(jsonb_agg(r.rolname), '[]')
        FROM pg_roles AS r
        WHERE r.rolname = ANY ($2::text[]) AND pg_has_role(r.oid, 'USAGE')
    ),
    'extensions', (SELECT coalesce(jsonb_agg(extname), '[]') FROM pg_extension),
    'tables', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'schema', r.nspname,
            'name', r.relname,
            'usable', r.usable,
            'visible', r.visible,
            'partitioned', r.relkind = 'p',
            'readable', has_any_column_privilege(r.oid, 'SELECT'),
            -- NULL where this login sees every row: it owns the table and nothing forces it, or it bypasses policies.
            'policies', CASE WHEN row_security_active(r.oid) THEN (
                SELECT coalesce(jsonb_agg(p.polname ORDER BY p.polname), '[]')
                FROM pg_policy AS p
                WHERE p.polrelid = r.oid
                    AND p.polcmd IN ('r', '*')
                    AND EXISTS (
                        -- Number 0 is everybody.
                        SELECT FROM unnest(p.polroles) AS role WHERE role = 0 OR pg_has_role(role, 'USAGE')
                    )
            ) END,
            'writes', (
                SELECT coalesce(jsonb_agg(word), '[]')
                FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS word
                WHERE has_table_privilege(r.oid, word)
            ),
            'columns', (
                SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'name', a.attname,
                    'kind', t.typname,
                    'labels', (
                        SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder)
                        FROM pg_enum AS e
                        WHERE e.enumtypid = t.oid
                    ),
                    'readable', has_column_privilege(r.oid, a.attnum, 'SELECT'),
                    'writable', has_column_privilege(r.oid, a.attnum, 'UPDATE')
                ) ORDER BY a.attnum), '[]')
                FROM pg_attribute AS a
                JOIN pg_type AS t
                    ON t.oid = a.atttypid
                WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
            ),
            'indexes', (
                SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'name', ic.relname,
                    'unique', i.indisunique,
                    'valid', i.indisvalid,
                    'predicate', pg_get_expr(i.indpred, i.indrelid),
                    'columns', (
                        -- Number 0 is an expression. Columns of INCLUDE come after the keys.
                        SELECT jsonb_agg(jsonb_build_array(a.attname, i.indoption[n] & 1 = 1) ORDER BY n)
                        FROM generate_series(0, i.indnkeyatts - 1) AS n
                        LEFT JOIN pg_attribute AS a
                            ON a.attrelid = r.oid AND a.attnum = i.indkey[n] AND a.attnum > 0
                    )
                ) ORDER BY ic.relname), '[]')
                FROM pg_index AS i
                JOIN pg_class AS ic
                    ON ic.oid = i.indexrelid
                WHERE i.indrelid = r.oid
            )
        ) ORDER BY r.visible DESC, r.nspname, r.relname), '[]')
        FROM relation AS r
    )
)::text AS catalog,
-- The encryption of this session. Behind a pooler, it is the pooler's session.
coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)::text AS ssl
