-- The policies of one table, as they are written.

SELECT
    p.policyname AS policy,
    p.permissive = 'PERMISSIVE' AS permissive,
    p.cmd AS command,
    array_to_string(p.roles, ', ') AS of_roles,
    p.qual AS rows_seen,
    p.with_check AS rows_written
FROM pg_policies AS p
JOIN pg_class AS t
    ON t.relname = p.tablename
        AND t.relnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = p.schemaname)
WHERE p.tablename = :key::text
    AND pg_table_is_visible(t.oid)
ORDER BY p.policyname;
