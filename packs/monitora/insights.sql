-- The figures that were calculated for each workspace, how old they are, and how far from what is there now. A workspace
-- without figures is listed too.

WITH spoken AS (
    SELECT
        c.workspace_id,
        COUNT(*) AS conversations,
        SUM(c.message_count) AS messages
    FROM dbo.conversations AS c
    GROUP BY c.workspace_id
)
SELECT TOP (5000)
    judged.severity,
    found.reasons AS reason,
    w.id,
    w.name,
    i.satisfaction_rate,
    i.avg_rag_score,
    i.avg_messages_per_conversation,
    i.low_confidence_count,
    i.total_conversations,
    COALESCE(spoken.conversations, 0) AS conversations_now,
    i.total_messages,
    COALESCE(spoken.messages, 0) AS messages_now,
    i.calculated_at
FROM dbo.workspaces AS w
LEFT JOIN dbo.insights_cache AS i
    ON i.workspace_id = w.id
LEFT JOIN spoken
    ON spoken.workspace_id = w.id
CROSS APPLY (
    SELECT CASE
        WHEN w.is_active = 0 THEN 'inactive'
        WHEN i.id IS NULL THEN 'no_row'
        ELSE CONCAT_WS(
            ',',
            CASE WHEN i.calculated_at < DATEADD(HOUR, -CAST(:stale_hours AS int), SYSUTCDATETIME()) THEN 'stale' END,
            CASE
                WHEN 100.0 * ABS(i.total_messages - COALESCE(spoken.messages, 0))
                    > CAST(:differs_percent AS float) * COALESCE(spoken.messages, 0)
                    OR 100.0 * ABS(i.total_conversations - COALESCE(spoken.conversations, 0))
                    > CAST(:differs_percent AS float) * COALESCE(spoken.conversations, 0) THEN 'differs'
            END
        )
    END AS reasons
) AS found
CROSS APPLY (
    SELECT CASE found.reasons
        WHEN '' THEN 'ok'
        WHEN 'inactive' THEN 'off'
        ELSE 'warn'
    END AS severity
) AS judged
WHERE {{is_workspace(id => w.id)}}
    AND {{found_in(text => w.name)}}
ORDER BY {{worst_first(severity => judged.severity)}}, i.calculated_at, w.name;
