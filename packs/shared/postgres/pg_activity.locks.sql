-- The locks that one session holds or waits for; those it waits for first.

SELECT
    CASE WHEN l.granted THEN 'held' ELSE 'waited for' END AS standing,
    l.locktype AS of,
    l.mode,
    CASE WHEN l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        THEN l.relation::regclass::text
    END AS relation,
    count(*) AS locks
FROM pg_locks AS l
WHERE l.pid = :key::int
GROUP BY 1, 2, 3, 4
ORDER BY 1 DESC, 4 NULLS LAST, 3;
