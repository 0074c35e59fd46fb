-- The lines of the workspaces on screen: a number for each of the last thirty days, the oldest first.

WITH digit AS (
    SELECT n.digit FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS n (digit)
),
day AS (
    SELECT tens.digit * 10 + ones.digit AS ago
    FROM digit AS tens
    CROSS JOIN digit AS ones
    WHERE tens.digit < 3
)
SELECT
    given.value AS [key],
    {{series(of => a.total_conversations)}} AS conversations_trend,
    {{series(of => a.total_messages)}} AS messages_trend,
    {{series(of => a.unique_visitors)}} AS visitors_trend,
    {{series(of => a.avg_messages_per_conversation)}} AS length_trend,
    {{series(of => a.avg_response_time_ms)}} AS response_trend,
    {{series(of => a.avg_rag_score)}} AS score_trend,
    {{series(of => a.satisfaction_rate)}} AS satisfaction_trend
FROM OPENJSON(:keys) AS given
CROSS JOIN day
LEFT JOIN dbo.analytics_daily AS a
    ON a.workspace_id = TRY_CAST(given.value AS uniqueidentifier)
    AND a.date = DATEADD(DAY, -day.ago, CAST(SYSUTCDATETIME() AS date))
GROUP BY given.value;
