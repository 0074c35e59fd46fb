-- Sessions that do something, or hold something: the root of a chain of waiting ones first, those that
-- it holds up beneath it, then the oldest.
--
-- A login without pg_read_all_stats (part of pg_monitor) sees only the database and the user of
-- other users' sessions; state and query are unknown. Every login sees who waits for whom.

WITH RECURSIVE {{waiting}},
session AS (
    SELECT
        a.*,
        a.query = '<insufficient privilege>' AS is_limited,
        coalesce(a.state LIKE 'idle in transaction%', false) AS is_idle_in_transaction,
        waiting.blockers,
        waiting.since AS waiting_since,
        root.holds_up,
        root.since AS held_up_since,
        coalesce(root.holds_up, beneath.holds_up) AS of_chain,
        coalesce(root.pid, beneath.root) AS chain,
        coalesce(beneath.depth, 0) AS depth
    FROM pg_stat_activity AS a
    LEFT JOIN waiting
        ON waiting.pid = a.pid
    LEFT JOIN root
        ON root.pid = a.pid
    LEFT JOIN beneath
        ON beneath.pid = a.pid
    WHERE a.datname IS NOT NULL
        AND a.pid <> pg_backend_pid()
)
SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    s.pid::text AS pid,
    s.datname AS database,
    s.usename AS "user",
    s.application_name AS application,
    CASE WHEN s.is_limited THEN 'not visible' ELSE coalesce(s.state, s.backend_type) END AS state,
    array_to_string(s.blockers, ', ') AS waits_for,
    s.holds_up AS blocks,
    s.waiting_since,
    CASE WHEN s.wait_event_type <> 'Client' THEN s.wait_event_type || ' ' || s.wait_event END AS waits_on,
    CASE WHEN isfinite(s.xact_start) THEN s.xact_start END AS transaction_at,
    s.state_change AS state_at,
    s.backend_start AS connected_at,
    CASE WHEN NOT s.is_limited THEN
        -- A statement that sets a password contains the password.
        {{hide_password(text => left(s.query, 400))}}
    END AS query
FROM session AS s
CROSS JOIN LATERAL (
    -- The first that applies, worst first, as {severity, reason}.
    SELECT CASE
        WHEN s.holds_up > 0 AND s.is_idle_in_transaction AND s.state_change <= since.idle THEN
            ARRAY['crit', 'holds_up_idle']
        WHEN s.holds_up > 0 AND s.held_up_since <= since.waiting THEN ARRAY['warn', 'holds_up']
        WHEN s.waiting_since <= since.waiting THEN ARRAY['warn', 'waits']
        WHEN s.is_idle_in_transaction AND s.state_change <= since.idle THEN ARRAY['warn', 'idle_in_transaction']
        WHEN s.xact_start <= since.transaction THEN ARRAY['warn', 'long_transaction']
        WHEN s.is_limited THEN ARRAY['unknown', 'not_visible']
        WHEN s.holds_up > 0 THEN ARRAY['ok', 'holds_up']
        WHEN s.blockers IS NOT NULL THEN ARRAY['ok', 'waits']
        ELSE ARRAY['ok', NULL]
    END AS found
    FROM (
        SELECT
            clock_timestamp() - :idle_in_transaction_for::interval AS idle,
            clock_timestamp() - :transaction_for::interval AS transaction,
            clock_timestamp() - :waiting_for::interval AS waiting
    ) AS since
) AS verdict
WHERE (:state::text = 'all' OR s.is_limited OR s.holds_up > 0 OR s.state IS DISTINCT FROM 'idle')
    AND (:search::text IS NULL
        OR strpos(
            lower(concat_ws(' ', s.pid, s.datname, s.usename, s.application_name, s.query)),
            lower(:search::text)
        ) > 0)
ORDER BY s.of_chain DESC NULLS LAST, s.chain, s.depth, s.xact_start, s.state_change DESC, s.pid;
