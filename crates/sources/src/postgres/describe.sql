-- The tables of this database, for a first pack of it, as one JSON document in the shape of the core's
-- DatabaseDescription. Catalogs and statistics alone, no table is read.
WITH relation AS (
    SELECT c.oid, n.nspname, c.relname, c.reltuples, pg_table_is_visible(c.oid) AS visible
    FROM pg_class AS c
    JOIN pg_namespace AS n
        ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND NOT c.relispartition
        AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND n.nspname !~ '^pg_(toast|temp)'
        AND has_schema_privilege(n.oid, 'USAGE')
        AND has_any_column_privilege(c.oid, 'SELECT')
        -- What an extension brings is its own.
        AND NOT EXISTS (
            SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
        )
)
SELECT json_build_object(
    'server', 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1),
    'tables', (
        SELECT coalesce(json_agg(json_build_object(
            'schema', r.nspname,
            'visible', r.visible,
            'name', r.relname,
            'quoted', CASE WHEN r.visible THEN '' ELSE quote_ident(r.nspname) || '.' END || quote_ident(r.relname),
            'rows', CASE WHEN r.reltuples >= 0 THEN r.reltuples END,
            'key', coalesce((
                -- The primary key, else the narrowest unique index of columns that are never NULL.
                SELECT json_agg(a.attname ORDER BY k.place)
                FROM (
                    SELECT i.indkey, i.indnkeyatts
                    FROM pg_index AS i
                    WHERE i.indrelid = r.oid
                        AND i.indisunique
                        AND i.indisvalid
                        AND i.indpred IS NULL
                        AND NOT EXISTS (
                            SELECT FROM generate_series(0, i.indnkeyatts - 1) AS n
                            LEFT JOIN pg_attribute AS a
                                ON a.attrelid = r.oid AND a.attnum = i.indkey[n] AND i.indkey[n] > 0
                            WHERE a.attnum IS NULL OR NOT a.attnotnull
                        )
                    ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid
                    LIMIT 1
                ) AS best
                CROSS JOIN LATERAL unnest(best.indkey::int[]) WITH ORDINALITY AS k (number, place)
                JOIN pg_attribute AS a
                    ON a.attrelid = r.oid AND a.attnum = k.number
                WHERE k.place <= best.indnkeyatts
            ), '[]'),
            'columns', (
                SELECT coalesce(json_agg(json_build_object(
                    'name', a.attname,
                    'quoted', quote_ident(a.attname),
                    'cast', format_type(a.atttypid, a.atttypmod),
                    'kind', coalesce(base.typname, t.typname),
                    'class', CASE coalesce(base.typtype, t.typtype) WHEN 'b' THEN 'base' WHEN 'e' THEN 'enum' ELSE 'other' END,
                    'readable', has_column_privilege(r.oid, a.attnum, 'SELECT'),
                    'allowed', coalesce((
                        SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)
                        FROM pg_enum AS e
                        WHERE e.enumtypid = coalesce(base.oid, t.oid)
                    ), (
                        -- CHECK (state IN ('new', 'paid')), as the server writes it: ANY (ARRAY['new'::text, ..]).
                        SELECT json_agg(replace(m.found[1], '''''', '''') ORDER BY m.place)
                        FROM (
                            SELECT pg_get_constraintdef(c.oid) AS text
                            FROM pg_constraint AS c
                            WHERE c.conrelid = r.oid AND c.contype = 'c' AND c.conkey = ARRAY[a.attnum]
                            ORDER BY c.oid
                            LIMIT 1
                        ) AS c
                        CROSS JOIN LATERAL regexp_matches(c.text, '''((?:[^'']|'''')*)''::', 'g') WITH ORDINALITY AS m (found, place)
                        WHERE c.text LIKE '%= ANY (%'
                    ), '[]'),
                    'common', coalesce((
                        SELECT json_agg(value ORDER BY value)
                        FROM pg_stats AS s
                        CROSS JOIN LATERAL unnest(s.most_common_vals::text::text[]) AS value
                        WHERE s.schemaname = r.nspname
                            AND s.tablename = r.relname
                            AND s.attname = a.attname
                            AND NOT s.inherited
                            AND s.n_distinct BETWEEN 2 AND 12
                            AND coalesce(base.typname, t.typname) IN ('text', 'varchar', 'bpchar', 'citext')
                    ), '[]')
                ) ORDER BY a.attnum), '[]')
                FROM pg_attribute AS a
                JOIN pg_type AS t
                    ON t.oid = a.atttypid
                LEFT JOIN pg_type AS base
                    ON t.typtype = 'd' AND base.oid = t.typbasetype
                WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
            ),
            'references', (
                SELECT coalesce(json_agg(json_build_object(
                    'columns', (
                        SELECT json_agg(a.attname ORDER BY k.place)
                        FROM unnest(f.conkey) WITH ORDINALITY AS k (number, place)
                        JOIN pg_attribute AS a ON a.attrelid = f.conrelid AND a.attnum = k.number
                    ),
                    'schema', tn.nspname,
                    'table', tc.relname,
                    'to', (
                        SELECT json_agg(a.attname ORDER BY k.place)
                        FROM unnest(f.confkey) WITH ORDINALITY AS k (number, place)
                        JOIN pg_attribute AS a ON a.attrelid = f.confrelid AND a.attnum = k.number
                    )
                ) ORDER BY f.conname), '[]')
                FROM pg_constraint AS f
                JOIN pg_class AS tc
                    ON tc.oid = f.confrelid
                JOIN pg_namespace AS tn
                    ON tn.oid = tc.relnamespace
                WHERE f.conrelid = r.oid AND f.contype = 'f'
            )
        ) ORDER BY NOT r.visible, r.nspname, r.relname), '[]')
        FROM relation AS r
    )
)::text AS description
