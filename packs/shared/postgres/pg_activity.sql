-- Sessions that do something, or hold something: those that block others first, then the oldest.
--
-- A login without pg_read_all_stats (part of pg_monitor) sees only the database and the user of
-- other users' sessions; state and query are unknown. Every login sees who waits for whom.

WITH waiting AS MATERIALIZED (
    -- pg_blocking_pids() stops the lock manager for a moment, so only those that wait are asked.
    SELECT
        l.pid,
        -- As JSON, because waitstart came with PostgreSQL 14.
        min((to_jsonb(l) ->> 'waitstart')::timestamptz) AS since,
        pg_blocking_pids(l.pid) AS blockers
    FROM pg_locks AS l
    WHERE NOT l.granted
    GROUP BY l.pid
),
blocking AS (
    SELECT
        blocker AS pid,
        count(DISTINCT waiting.pid) AS sessions,
        min(waiting.since) AS since
    FROM waiting
    CROSS JOIN unnest(waiting.blockers) AS blocker
    GROUP BY blocker
),
session AS (
    SELECT
        a.*,
        a.query = '<insufficient privilege>' AS is_limited,
        a.state LIKE 'idle in transaction%' AS is_idle_in_transaction,
        extract(epoch FROM clock_timestamp() - a.state_change) AS state_s,
        extract(epoch FROM clock_timestamp() - a.xact_start) AS transaction_s,
        extract(epoch FROM clock_timestamp() - coalesce(waiting.since, a.query_start)) AS waiting_s,
        waiting.blockers,
        blocking.sessions AS blocks,
        extract(epoch FROM clock_timestamp() - blocking.since) AS blocks_s
    FROM pg_stat_activity AS a
    LEFT JOIN waiting
        ON waiting.pid = a.pid
    LEFT JOIN blocking
        ON blocking.pid = a.pid
    WHERE a.datname IS NOT NULL
        AND a.pid <> pg_backend_pid()
)
SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS why,
    s.pid::text AS pid,
    s.datname AS database,
    s.usename AS "user",
    s.application_name AS application,
    CASE WHEN s.is_limited THEN 'not visible' ELSE coalesce(s.state, s.backend_type) END AS state,
    array_to_string(s.blockers, ', ') AS waits_for,
    s.blocks,
    CASE WHEN s.wait_event_type <> 'Client' THEN s.wait_event_type || ' ' || s.wait_event END AS waits_on,
    CASE WHEN isfinite(s.xact_start) THEN s.xact_start END AS transaction_at,
    s.state_change AS state_at,
    s.backend_start AS connected_at,
    CASE WHEN NOT s.is_limited THEN
        -- A statement that sets a password contains the password.
        regexp_replace(left(s.query, 400), '(\mpassword\s+E?)''(''''|[^''])*''?', '\1''***''', 'gi')
    END AS query
FROM session AS s
CROSS JOIN LATERAL (
    -- In the words that the screen uses for ages.
    SELECT
        CASE
            WHEN s.state_s < 60 THEN floor(s.state_s) || 's'
            WHEN s.state_s < 3600 THEN floor(s.state_s / 60) || 'm'
            WHEN s.state_s < 86400 THEN floor(s.state_s / 3600) || 'h'
            ELSE floor(s.state_s / 86400) || 'd'
        END AS state,
        CASE
            WHEN s.transaction_s < 60 THEN floor(s.transaction_s) || 's'
            WHEN s.transaction_s < 3600 THEN floor(s.transaction_s / 60) || 'm'
            WHEN s.transaction_s < 86400 THEN floor(s.transaction_s / 3600) || 'h'
            ELSE floor(s.transaction_s / 86400) || 'd'
        END AS transaction,
        CASE
            WHEN s.waiting_s < 60 THEN floor(s.waiting_s) || 's'
            WHEN s.waiting_s < 3600 THEN floor(s.waiting_s / 60) || 'm'
            WHEN s.waiting_s < 86400 THEN floor(s.waiting_s / 3600) || 'h'
            ELSE floor(s.waiting_s / 86400) || 'd'
        END AS waiting,
        CASE WHEN s.blocks > 1 THEN s.blocks || ' sessions' ELSE s.blocks || ' session' END AS blocks
) AS short
CROSS JOIN LATERAL (
    SELECT
        extract(epoch FROM :idle_in_transaction_for::interval) AS idle,
        extract(epoch FROM :transaction_for::interval) AS transaction,
        extract(epoch FROM :waiting_for::interval) AS waiting
) AS most
CROSS JOIN LATERAL (
    -- The first that applies, worst first, as {severity, why}.
    SELECT CASE
        WHEN s.blocks > 0 AND s.is_idle_in_transaction AND s.state_s >= most.idle THEN
            ARRAY['crit', format('blocks %s, idle in transaction for %s', short.blocks, short.state)]
        WHEN s.blocks > 0 AND s.blocks_s >= most.waiting THEN
            ARRAY['warn', format('blocks %s', short.blocks)]
        WHEN s.blockers IS NOT NULL AND s.waiting_s >= most.waiting THEN
            ARRAY['warn', format('waits for %s since %s', array_to_string(s.blockers, ', '), short.waiting)]
        WHEN s.is_idle_in_transaction AND s.state_s >= most.idle THEN
            ARRAY['warn', 'idle in transaction for ' || short.state]
        WHEN s.transaction_s >= most.transaction THEN
            ARRAY['warn', 'transaction open for ' || short.transaction]
        WHEN s.is_limited THEN
            ARRAY['unknown', 'another user''s: needs pg_monitor']
        WHEN s.blocks > 0 THEN
            ARRAY['ok', format('blocks %s', short.blocks)]
        WHEN s.blockers IS NOT NULL THEN
            ARRAY['ok', format('waits for %s since %s', array_to_string(s.blockers, ', '), short.waiting)]
        ELSE
            ARRAY['ok', NULL]
    END AS found
) AS verdict
WHERE (:state::text = 'all' OR s.is_limited OR s.blocks > 0 OR s.state IS DISTINCT FROM 'idle')
    AND (:search::text IS NULL
        OR strpos(
            lower(concat_ws(' ', s.pid, s.datname, s.usename, s.application_name, s.query)),
            lower(:search::text)
        ) > 0)
ORDER BY s.blocks DESC NULLS LAST, s.xact_start, s.state_change DESC, s.pid;
