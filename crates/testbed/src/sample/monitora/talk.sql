-- What was said, and what was made of it: conversations of the last days, messages that triggers count, and statistics with
-- days that are missing.

DECLARE @now DATETIME2 = ':now';

INSERT INTO dbo.conversations (
    id, workspace_id, visitor_id, visitor_name, visitor_email, title, is_active, created_at, archived_at
)
SELECT
    CONCAT('70000000-0000-0000-0000-', RIGHT(CONCAT('000000000000', n.n), 12)),
    CASE WHEN n.n % 3 = 0 THEN 'b0000000-0000-0000-0000-000000000002' ELSE 'b0000000-0000-0000-0000-000000000001' END,
    CONCAT(N'v', n.n % 11),
    CASE WHEN n.n % 4 = 0 THEN N'Vera Visitor' END,
    CASE WHEN n.n % 4 = 0 THEN N'vera@example.net' END,
    CONCAT(N'Question ', n.n),
    CASE WHEN n.n % 10 = 0 THEN 0 ELSE 1 END,
    DATEADD(HOUR, -n.n * 7, @now),
    CASE WHEN n.n % 20 = 0 THEN DATEADD(HOUR, -n.n * 6, @now) END
FROM (SELECT TOP (40) ROW_NUMBER() OVER (ORDER BY c.object_id, c.column_id) AS n FROM sys.all_columns AS c) AS n;

INSERT INTO dbo.conversations (id, workspace_id, visitor_id, title, is_active, created_at, archived_at)
VALUES
    -- Somebody waits for an answer.
    ('70000000-0000-0000-0000-000000000101', 'b0000000-0000-0000-0000-000000000001', N'v101', N'Anybody there?', 1, DATEADD(HOUR, -2, @now), NULL),
    ('70000000-0000-0000-0000-000000000102', 'b0000000-0000-0000-0000-000000000001', N'v102', N'Archived, and active', 1, DATEADD(HOUR, -3, @now), DATEADD(HOUR, -1, @now)),
    ('70000000-0000-0000-0000-000000000103', 'b0000000-0000-0000-0000-000000000005', N'v103', N'To what is off', 1, DATEADD(HOUR, -4, @now), NULL),
    ('70000000-0000-0000-0000-000000000104', 'b0000000-0000-0000-0000-000000000003', N'v104', NULL, 1, DATEADD(HOUR, -4, @now), NULL);

-- A question and its answer in each, and of those that are answered badly every kind.
INSERT INTO dbo.messages (
    id, conversation_id, role, content, tokens_used, response_time_ms, rag_score, rag_sources, feedback, metadata, created_at
)
SELECT
    CONCAT('60000000-0000-0000-000', n.part, '-', RIGHT(CONCAT('000000000000', c.n), 12)),
    c.id,
    CASE WHEN n.part = 0 THEN N'user' ELSE N'assistant' END,
    CASE WHEN n.part = 0 THEN CONCAT(N'Question ', c.n, N'?') ELSE CONCAT(N'Answer ', c.n, N'.') END,
    CASE WHEN n.part = 1 THEN 40 + c.n END,
    CASE WHEN n.part = 1 THEN CASE WHEN c.n % 9 = 0 THEN 9000 ELSE 700 + c.n * 10 END END,
    CASE WHEN n.part = 1 THEN CASE WHEN c.n % 7 = 0 THEN 0.31 ELSE 0.82 END END,
    CASE WHEN n.part = 1 THEN N'["prices.pdf"]' END,
    CASE WHEN n.part = 1 THEN CASE WHEN c.n % 8 = 0 THEN -1 WHEN c.n % 5 = 0 THEN 1 WHEN c.n % 13 = 0 THEN 0 END END,
    CASE WHEN n.part = 1 THEN CASE WHEN c.n % 2 = 0 THEN N'{"model": "mistral-small"}' ELSE N'not JSON' END END,
    DATEADD(SECOND, 5 * n.part, c.created_at)
FROM (
    SELECT v.id, v.created_at, CAST(RIGHT(CAST(v.id AS NVARCHAR(36)), 12) AS INT) AS n
    FROM dbo.conversations AS v
    WHERE v.visitor_id <> N'v101'
) AS c
CROSS JOIN (SELECT 0 AS part UNION ALL SELECT 1) AS n;
INSERT INTO dbo.messages (id, conversation_id, role, content, created_at)
VALUES ('60000000-0000-0000-0000-000000000101', '70000000-0000-0000-0000-000000000101', N'user', CONCAT(N'Hello?', NCHAR(10), NCHAR(27), N'[2J'), DATEADD(HOUR, -2, @now));
UPDATE dbo.messages SET is_resolved = 1 WHERE id = '60000000-0000-0000-0001-000000000016';

-- A counter that is not what it counts.
UPDATE dbo.conversations SET message_count = 99 WHERE id = '70000000-0000-0000-0000-000000000003';

-- Messages have made their own days; the days before are there too, but for some.
INSERT INTO dbo.analytics_daily (
    workspace_id, date, total_conversations, total_messages, unique_visitors, avg_messages_per_conversation,
    avg_response_time_ms, avg_rag_score, satisfaction_rate
)
SELECT
    'b0000000-0000-0000-0000-000000000001', d.day, 10 + n.n % 5, 40 + n.n, 8, 4.0, 900 + 20 * (n.n % 6), 0.75, CASE WHEN n.n % 4 = 0 THEN -0.2 ELSE 0.4 END
FROM (SELECT TOP (30) ROW_NUMBER() OVER (ORDER BY c.object_id, c.column_id) AS n FROM sys.all_columns AS c) AS n
CROSS APPLY (SELECT CAST(DATEADD(DAY, -n.n, @now) AS DATE) AS day) AS d
WHERE n.n % 6 <> 0
    AND NOT EXISTS (
        SELECT 1
        FROM dbo.analytics_daily AS a
        WHERE a.workspace_id = 'b0000000-0000-0000-0000-000000000001' AND a.date = d.day
    );
-- A day on which there was talk, and of which nobody wrote a row.
DELETE FROM dbo.analytics_daily
WHERE workspace_id = 'b0000000-0000-0000-0000-000000000002' AND date = CAST(DATEADD(HOUR, -63, @now) AS DATE);

INSERT INTO dbo.insights_cache (
    workspace_id, satisfaction_rate, avg_rag_score, avg_messages_per_conversation, low_confidence_count,
    total_conversations, total_messages, calculated_at
)
VALUES
    ('b0000000-0000-0000-0000-000000000001', 0.2, 0.7, 2.0, 4, 900, 9000, DATEADD(DAY, -3, @now)),
    ('b0000000-0000-0000-0000-000000000006', NULL, NULL, NULL, 0, 0, 0, DATEADD(DAY, -70, @now));
GO
EXEC dbo.sp_calculate_workspace_insights @workspace_id = 'b0000000-0000-0000-0000-000000000002';
GO
