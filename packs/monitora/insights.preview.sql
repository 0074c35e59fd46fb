-- The figures of workspaces as they are now, before they are calculated anew.

SELECT
    w.id AS [key],
    w.name,
    i.calculated_at,
    i.satisfaction_rate,
    i.avg_rag_score,
    i.avg_messages_per_conversation,
    i.low_confidence_count,
    i.total_conversations,
    i.total_messages
FROM dbo.workspaces AS w
LEFT JOIN dbo.insights_cache AS i
    ON i.workspace_id = w.id
WHERE {{of_keys(id => w.id)}}
ORDER BY w.name, w.id;
