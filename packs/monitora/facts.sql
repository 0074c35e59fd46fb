-- What there is how much of. Numbers to know, not findings: every row is ok.

WITH today AS (
    SELECT CAST(CAST(SYSUTCDATETIME() AS date) AS datetime2) AS began
),
-- Messages are found through the conversations in which somebody has spoken today: only those are read.
spoken AS (
    SELECT m.role, m.response_time_ms, m.rag_score, m.feedback
    FROM today
    JOIN dbo.conversations AS c
        ON c.last_message_at >= today.began
    JOIN dbo.messages AS m
        ON m.conversation_id = c.id
        AND m.created_at >= today.began
),
answer AS (
    SELECT
        COUNT(*) AS messages,
        AVG(CAST(s.response_time_ms AS float)) AS response_ms,
        AVG(s.rag_score) AS score,
        COUNT(CASE WHEN s.feedback = 1 THEN 1 END) AS liked,
        COUNT(CASE WHEN s.feedback = -1 THEN 1 END) AS disliked
    FROM spoken AS s
),
workspace AS (
    SELECT COUNT(*) AS total, COUNT(CASE WHEN w.is_active = 1 THEN 1 END) AS active
    FROM dbo.workspaces AS w
),
begun AS (
    SELECT COUNT(*) AS conversations
    FROM today
    JOIN dbo.conversations AS c
        ON c.created_at >= today.began
),
account AS (
    SELECT COUNT(*) AS total, COUNT(CASE WHEN u.locked_until > SYSUTCDATETIME() THEN 1 END) AS locked
    FROM dbo.app_users AS u
),
api_key AS (
    SELECT
        COUNT(*) AS total,
        COUNT(CASE
            WHEN k.expires_at > SYSUTCDATETIME()
                AND k.expires_at <= DATEADD(DAY, CAST(:ends_days AS int), SYSUTCDATETIME()) THEN 1
        END) AS ending,
        COUNT(CASE WHEN k.last_used_at > k.expires_at THEN 1 END) AS used_after_end
    FROM dbo.api_keys AS k
),
document AS (
    SELECT COUNT(*) AS total, COUNT(CASE WHEN d.is_indexed = 0 THEN 1 END) AS not_indexed
    FROM dbo.documents AS d
    WHERE d.deleted_at IS NULL
),
cached AS (
    SELECT COUNT(*) AS total, COUNT(CASE WHEN r.expires_at <= SYSUTCDATETIME() THEN 1 END) AS expired
    FROM dbo.response_cache AS r
),
session AS (
    SELECT COUNT(*) AS total, COUNT(CASE WHEN s.expires_at > SYSUTCDATETIME() THEN 1 END) AS live
    FROM dbo.app_sessions AS s
),
fact (rank, topic, fact, value, total, brief, workspace_state, document_state, key_state, cache_state, user_state, session_state) AS (
    SELECT
        10, 'workspaces', 'active', CAST(w.active AS float), CAST(w.total AS float), CONCAT(w.active, ' active workspaces'),
        -- The first row gives each column its type: of NULLs alone SQL Server makes a number.
        CAST('active' AS nvarchar(20)), CAST(NULL AS nvarchar(20)), CAST(NULL AS nvarchar(20)), CAST(NULL AS nvarchar(20)),
        CAST(NULL AS nvarchar(20)), CAST(NULL AS nvarchar(20))
    FROM workspace AS w
    UNION ALL
    SELECT
        20, 'today', 'conversations begun', c.conversations, NULL, CONCAT(c.conversations, ' conversations today'),
        NULL, NULL, NULL, NULL, NULL, NULL
    FROM begun AS c
    UNION ALL
    SELECT
        20, 'today', 'messages', a.messages, NULL, CONCAT(a.messages, ' messages'),
        NULL, NULL, NULL, NULL, NULL, NULL
    FROM answer AS a
    UNION ALL
    SELECT
        20, 'today', 'answer time, ms', a.response_ms, NULL,
        CASE WHEN a.response_ms IS NOT NULL THEN CONCAT('answers in ', CAST(a.response_ms AS int), ' ms') END,
        NULL, NULL, NULL, NULL, NULL, NULL
    FROM answer AS a
    UNION ALL
    SELECT
        20, 'today', 'score', a.score, 1,
        CASE WHEN a.score IS NOT NULL THEN CONCAT('score ', CAST(a.score AS decimal(4, 2))) END,
        NULL, NULL, NULL, NULL, NULL, NULL
    FROM answer AS a
    UNION ALL
    SELECT
        20, 'today', 'liked of liked and disliked', a.liked, NULLIF(a.liked + a.disliked, 0),
        CASE WHEN a.liked + a.disliked > 0 THEN CONCAT(a.liked, ' liked, ', a.disliked, ' disliked') END,
        NULL, NULL, NULL, NULL, NULL, NULL
    FROM answer AS a
    UNION ALL
    SELECT
        30, 'users', 'locked', u.locked, u.total, CASE WHEN u.locked > 0 THEN CONCAT(u.locked, ' users locked') END,
        NULL, NULL, NULL, NULL, 'locked', NULL
    FROM account AS u
    UNION ALL
    SELECT
        30, 'users', 'open sessions', s.live, s.total, CONCAT(s.live, ' sessions'),
        NULL, NULL, NULL, NULL, NULL, 'live'
    FROM session AS s
    UNION ALL
    SELECT
        40, 'keys', 'ending soon', k.ending, k.total, CASE WHEN k.ending > 0 THEN CONCAT(k.ending, ' keys end soon') END,
        NULL, NULL, 'live', NULL, NULL, NULL
    FROM api_key AS k
    UNION ALL
    SELECT
        40, 'keys', 'used after their end', k.used_after_end, k.total,
        CASE WHEN k.used_after_end > 0 THEN CONCAT(k.used_after_end, ' keys used after their end') END,
        NULL, NULL, 'ended', NULL, NULL, NULL
    FROM api_key AS k
    UNION ALL
    SELECT
        50, 'documents', 'not indexed', d.not_indexed, d.total,
        CASE WHEN d.not_indexed > 0 THEN CONCAT(d.not_indexed, ' documents not indexed') END,
        NULL, 'not indexed', NULL, NULL, NULL, NULL
    FROM document AS d
    UNION ALL
    SELECT
        60, 'cache', 'expired, still stored', c.expired, c.total,
        CASE WHEN c.expired > 0 THEN CONCAT(c.expired, ' of ', c.total, ' cached answers expired') END,
        NULL, NULL, NULL, 'expired', NULL, NULL
    FROM cached AS c
)
SELECT
    'ok' AS severity,
    CAST(NULL AS nvarchar(1)) AS why,
    topic,
    fact,
    value,
    100.0 * value / NULLIF(total, 0) AS share,
    brief,
    workspace_state,
    document_state,
    key_state,
    cache_state,
    user_state,
    session_state
FROM fact
ORDER BY rank, topic, fact;
