-- Whether the three views can still be read: the server says what each returns, or why it cannot, without running it.

WITH asked (name, statement) AS (
    SELECT a.name, a.statement
    FROM (
        VALUES
            ('vw_workspace_stats', N'SELECT workspace_id, workspace_name, total_conversations, total_messages, unique_visitors FROM dbo.vw_workspace_stats'),
            ('vw_user_workspaces', N'SELECT user_id, user_email, workspace_id, workspace_name, workspace_created_at FROM dbo.vw_user_workspaces'),
            ('vw_daily_metrics', N'SELECT date, workspace_id, avg_satisfaction, avg_response_time FROM dbo.vw_daily_metrics')
    ) AS a (name, statement)
)
SELECT
    CASE WHEN refused.told IS NULL THEN 'ok' ELSE 'crit' END AS severity,
    CASE WHEN refused.told IS NULL THEN NULL ELSE 'unbound' END AS reason,
    a.name,
    refused.told
FROM asked AS a
OUTER APPLY (
    SELECT TOP (1) LEFT(d.error_message, 300) AS told
    FROM sys.dm_exec_describe_first_result_set(a.statement, NULL, 0) AS d
    WHERE d.error_number IS NOT NULL
) AS refused
WHERE OBJECT_ID(CONCAT('dbo.', a.name), 'V') IS NOT NULL
ORDER BY a.name;
