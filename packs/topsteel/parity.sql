-- The document's five counters, each in the database that it is for: rows that are not deleted, and those that are.

SELECT
    CASE WHEN c.live IS NULL THEN 'unknown' ELSE 'ok' END AS severity,
    CASE WHEN c.live IS NULL THEN 'no_table' END AS reason,
    c.counter,
    c.live,
    c.deleted
FROM (
    SELECT
        counter.name AS counter,
        {{of_table(table => counter.name, query => 'SELECT count(*) AS n FROM %I WHERE deleted_at IS NULL')}}::bigint AS live,
        {{of_table(table => counter.name, query => 'SELECT count(*) AS n FROM %I WHERE deleted_at IS NOT NULL')}}::bigint AS deleted
    FROM (VALUES
        ('auth', 'users'), ('auth', 'societes'), ('shared', 'shared_materials'), ('tenant', 'clients'), ('tenant', 'commandes')
    ) AS counter (kind, name)
    WHERE counter.kind = :kind::text
) AS c
ORDER BY c.counter;
