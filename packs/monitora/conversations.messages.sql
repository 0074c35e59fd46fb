-- Its messages in order, the first two hundred.

SELECT TOP (200)
    m.id,
    m.created_at,
    m.role,
    LEFT(m.content, 200) AS content,
    m.response_time_ms,
    m.rag_score,
    m.feedback,
    m.tokens_used
FROM dbo.messages AS m
WHERE m.conversation_id = TRY_CAST(:key AS uniqueidentifier)
ORDER BY m.created_at, m.id;
