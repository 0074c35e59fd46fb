-- Who waits for whom, directly or through others: parts of a WITH RECURSIVE.
waiting AS MATERIALIZED (
    -- pg_blocking_pids() stops the lock manager for a moment, so only those that wait are asked, once.
    SELECT
        l.pid,
        -- As JSON, because waitstart came with PostgreSQL 14; without it the wait began after the statement did.
        coalesce(min((to_jsonb(l) ->> 'waitstart')::timestamptz), min(a.query_start)) AS since,
        min(l.mode) AS mode,
        min(l.locktype) AS locktype,
        pg_blocking_pids(l.pid) AS blockers
    FROM pg_locks AS l
    LEFT JOIN pg_stat_activity AS a
        ON a.pid = l.pid
    WHERE NOT l.granted
    GROUP BY l.pid
),
chain AS (
    -- Every session that a waiting one waits for, and how far off. What goes in a circle the server ends itself.
    SELECT
        waiting.pid,
        blocker AS holder,
        1 AS depth
    FROM waiting
    CROSS JOIN unnest(waiting.blockers) AS blocker
    UNION
    SELECT
        chain.pid,
        blocker,
        chain.depth + 1
    FROM chain
    JOIN waiting
        ON waiting.pid = chain.holder
    CROSS JOIN unnest(waiting.blockers) AS blocker
    WHERE chain.depth < 20
),
root AS (
    -- Those that wait for nobody themselves.
    SELECT
        chain.holder AS pid,
        count(DISTINCT chain.pid) AS holds_up,
        min(waiting.since) AS since
    FROM chain
    JOIN waiting
        ON waiting.pid = chain.pid
    WHERE chain.holder NOT IN (SELECT pid FROM waiting)
    GROUP BY chain.holder
),
beneath AS (
    -- For each that waits the root that holds up most.
    SELECT DISTINCT ON (chain.pid)
        chain.pid,
        root.pid AS root,
        root.holds_up,
        chain.depth
    FROM chain
    JOIN root
        ON root.pid = chain.holder
    ORDER BY chain.pid, root.holds_up DESC, root.pid, chain.depth
)
