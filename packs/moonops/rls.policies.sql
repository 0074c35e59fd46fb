-- The policies of one table, as they are written.

SELECT
    p.policyname AS policy,
    p.permissive = 'PERMISSIVE' AS permissive,
    p.cmd AS command,
    array_to_string(p.roles, ', ') AS of_roles,
    p.qual AS rows_seen,
    p.with_check AS rows_written
FROM pg_policies AS p
WHERE format('%I.%I', p.schemaname, p.tablename)::regclass = to_regclass(:key::text)
ORDER BY p.policyname;
