-- The six figures of a workspace beside what its messages say now, and the share of good feedback: the satisfaction rate is
-- a mean between -1 and 1, and no share.

SELECT
    w.id,
    w.name,
    i.calculated_at,
    i.satisfaction_rate,
    live.satisfaction_rate AS satisfaction_now,
    live.positive,
    live.negative,
    CAST(100.0 * live.positive / NULLIF(live.positive + live.negative, 0) AS float) AS positive_share,
    i.avg_rag_score,
    live.avg_rag_score AS score_now,
    i.avg_messages_per_conversation,
    CAST(1.0 * live.messages / NULLIF(spoken.conversations, 0) AS float) AS length_now,
    i.low_confidence_count,
    live.low_confidence AS low_confidence_now,
    i.total_conversations,
    spoken.conversations AS conversations_now,
    i.total_messages,
    live.messages AS messages_now
FROM dbo.workspaces AS w
LEFT JOIN dbo.insights_cache AS i
    ON i.workspace_id = w.id
OUTER APPLY (
    SELECT COUNT(*) AS conversations
    FROM dbo.conversations AS c
    WHERE c.workspace_id = w.id
) AS spoken
OUTER APPLY (
    SELECT
        COUNT(*) AS messages,
        AVG(CAST(m.feedback AS float)) AS satisfaction_rate,
        COUNT(CASE WHEN m.feedback = 1 THEN 1 END) AS positive,
        COUNT(CASE WHEN m.feedback = -1 THEN 1 END) AS negative,
        AVG(m.rag_score) AS avg_rag_score,
        COUNT(CASE WHEN m.rag_score < 0.5 THEN 1 END) AS low_confidence
    FROM dbo.conversations AS c
    JOIN dbo.messages AS m
        ON m.conversation_id = c.id
    WHERE c.workspace_id = w.id
) AS live
WHERE w.id = TRY_CAST(:key AS uniqueidentifier);
