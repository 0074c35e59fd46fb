-- The last thirty days of a workspace, the newest first. A day without a row says so.

WITH digit AS (
    SELECT n.digit FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS n (digit)
),
day AS (
    SELECT DATEADD(DAY, -(tens.digit * 10 + ones.digit), CAST(SYSUTCDATETIME() AS date)) AS day
    FROM digit AS tens
    CROSS JOIN digit AS ones
    WHERE tens.digit < 3
)
SELECT
    day.day,
    CASE WHEN a.id IS NULL THEN 'no row' ELSE 'counted' END AS state,
    a.total_conversations,
    a.total_messages,
    a.unique_visitors,
    a.avg_messages_per_conversation,
    a.avg_response_time_ms,
    a.avg_rag_score,
    a.satisfaction_rate
FROM day
LEFT JOIN dbo.analytics_daily AS a
    ON a.workspace_id = TRY_CAST(:key AS uniqueidentifier)
    AND a.date = day.day
ORDER BY day.day DESC;
