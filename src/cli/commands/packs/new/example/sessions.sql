-- Who is connected, and who holds a transaction open without doing anything. The query decides what
-- is bad: severity is ok, warn, crit or unknown, and why says it in words.

SELECT
    CASE WHEN late.is_late THEN 'warn' ELSE 'ok' END AS severity,
    CASE WHEN late.is_late THEN 'holds a transaction open' END AS why,
    a.pid,
    a.usename::text AS login,
    a.state,
    a.state_change AS since
FROM pg_stat_activity AS a
CROSS JOIN LATERAL (
    SELECT coalesce(a.state LIKE 'idle in transaction%', false)
        AND a.state_change < now() - :idle_after::interval AS is_late
) AS late
WHERE a.datname = current_database()
ORDER BY a.state_change;
