-- Sessions that do something, or hold something: the root of a chain of waiting ones first, those that it holds up beneath
-- it, then the oldest. A login that may not see the sessions of others has one row that says so.

WITH waiting AS (
    -- A session may wait with several requests; the one that waits longest counts.
    SELECT r.session_id, r.blocker, r.waited_ms
    FROM (
        SELECT
            q.session_id,
            q.blocking_session_id AS blocker,
            q.wait_time AS waited_ms,
            ROW_NUMBER() OVER (PARTITION BY q.session_id ORDER BY q.wait_time DESC) AS place
        FROM sys.dm_exec_requests AS q
        WHERE q.blocking_session_id > 0
            AND q.blocking_session_id <> q.session_id
    ) AS r
    WHERE r.place = 1
),
chain (root, session_id, depth) AS (
    SELECT w.blocker, w.blocker, 0
    FROM waiting AS w
    WHERE w.blocker NOT IN (SELECT other.session_id FROM waiting AS other)
    GROUP BY w.blocker
    UNION ALL
    SELECT above.root, w.session_id, above.depth + 1
    FROM chain AS above
    JOIN waiting AS w
        ON w.blocker = above.session_id
    WHERE above.depth < 50
),
root AS (
    SELECT
        c.root AS session_id,
        COUNT(*) - 1 AS holds_up,
        MAX(w.waited_ms) AS held_up_ms
    FROM chain AS c
    LEFT JOIN waiting AS w
        ON w.session_id = c.session_id
    GROUP BY c.root
),
request AS (
    -- A session may have several; the one that runs longest is shown.
    SELECT
        r.session_id,
        r.status,
        r.command,
        r.wait_type,
        r.start_time,
        ROW_NUMBER() OVER (PARTITION BY r.session_id ORDER BY r.start_time) AS place
    FROM sys.dm_exec_requests AS r
),
session AS (
    SELECT
        s.session_id,
        s.program_name COLLATE DATABASE_DEFAULT AS program_name,
        s.login_name COLLATE DATABASE_DEFAULT AS login_name,
        s.host_name COLLATE DATABASE_DEFAULT AS host_name,
        DB_NAME(s.database_id) COLLATE DATABASE_DEFAULT AS db_name,
        CASE
            WHEN r.session_id IS NOT NULL THEN r.status COLLATE DATABASE_DEFAULT
            WHEN s.open_transaction_count > 0 THEN 'idle in transaction'
            ELSE s.status COLLATE DATABASE_DEFAULT
        END AS state,
        CASE WHEN r.session_id IS NULL AND s.open_transaction_count > 0 THEN 1 ELSE 0 END AS is_idle_in_transaction,
        r.command COLLATE DATABASE_DEFAULT AS command,
        r.wait_type COLLATE DATABASE_DEFAULT AS wait_type,
        {{server_time(time => r.start_time)}} AS request_at,
        {{server_time(time => NULLIF(s.last_request_end_time, '19000101'))}} AS idle_at,
        {{server_time(time => s.login_time)}} AS connected_at,
        w.blocker,
        DATEADD(MILLISECOND, -w.waited_ms, SYSDATETIMEOFFSET()) AS waiting_since,
        COALESCE(root.holds_up, (SELECT COUNT(*) FROM waiting AS behind WHERE behind.blocker = s.session_id)) AS holds_up,
        DATEADD(MILLISECOND, -root.held_up_ms, SYSDATETIMEOFFSET()) AS held_up_since,
        COALESCE(c.root, s.session_id) AS root,
        COALESCE(c.depth, 0) AS depth
    FROM sys.dm_exec_sessions AS s
    LEFT JOIN request AS r
        ON r.session_id = s.session_id
        AND r.place = 1
    LEFT JOIN waiting AS w
        ON w.session_id = s.session_id
    LEFT JOIN root
        ON root.session_id = s.session_id
    LEFT JOIN chain AS c
        ON c.session_id = s.session_id
    WHERE s.is_user_process = 1
        AND s.session_id <> @@SPID
),
judged AS (
    SELECT
        s.*,
        -- The first that applies, worst first.
        CASE
            WHEN s.holds_up > 0 AND s.is_idle_in_transaction = 1 AND s.idle_at <= since.idle THEN 'holds_up_idle'
            WHEN s.holds_up > 0 AND s.held_up_since <= since.waiting THEN 'holds_up'
            WHEN s.waiting_since <= since.waiting THEN 'waits'
            WHEN s.is_idle_in_transaction = 1 AND s.idle_at <= since.idle THEN 'idle_in_transaction'
            WHEN s.request_at <= since.request THEN 'long_request'
        END AS reason
    FROM session AS s
    CROSS JOIN (
        SELECT
            DATEADD(MINUTE, -CAST(:idle_minutes AS int), SYSDATETIMEOFFSET()) AS idle,
            DATEADD(MINUTE, -CAST(:request_minutes AS int), SYSDATETIMEOFFSET()) AS request,
            DATEADD(SECOND, -CAST(:waiting_seconds AS int), SYSDATETIMEOFFSET()) AS waiting
    ) AS since
),
line AS (
    SELECT
        CASE WHEN j.reason IS NULL THEN 'ok' WHEN j.reason = 'holds_up_idle' THEN 'crit' ELSE 'warn' END AS severity,
        j.reason,
        CAST(j.session_id AS nvarchar(12)) AS session_id,
        j.program_name,
        j.login_name,
        j.host_name,
        j.db_name,
        j.state,
        j.command,
        j.wait_type,
        j.blocker,
        j.waiting_since,
        j.holds_up,
        j.request_at,
        j.idle_at,
        j.connected_at,
        COALESCE(r.holds_up, 0) AS of_chain,
        j.root,
        j.depth
    FROM judged AS j
    LEFT JOIN root AS r
        ON r.session_id = j.root
    UNION ALL
    SELECT
        'unknown', 'not_visible', N'others', NULL, NULL, NULL, NULL, 'not visible', NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, 0, 0, 0
    WHERE {{sees_server}} = 0
)
SELECT
    l.severity,
    l.reason,
    l.session_id,
    l.program_name AS application,
    l.login_name AS login,
    l.host_name AS host,
    l.db_name,
    l.state,
    l.command,
    l.wait_type AS waits_on,
    l.blocker AS waits_for,
    l.waiting_since,
    l.holds_up AS blocks,
    l.request_at,
    l.idle_at,
    l.connected_at
FROM line AS l
WHERE (:state = 'all' OR l.state <> 'sleeping' OR l.holds_up > 0)
    AND (:search IS NULL
        OR CHARINDEX(
            LOWER(:search), LOWER(CONCAT_WS(' ', l.session_id, l.program_name, l.login_name, l.host_name, l.db_name))
        ) > 0)
ORDER BY l.of_chain DESC, l.root, l.depth, COALESCE(l.request_at, l.idle_at), l.session_id;
