-- One answer with its question: the visitor's last message before it. Of who asked the first letters only.

SELECT
    m.id,
    w.name AS workspace,
    m.created_at,
    c.visitor_id,
    {{mask(of => c.visitor_name)}} AS visitor_name,
    {{mask(of => c.visitor_email)}} AS visitor_email,
    m.feedback,
    m.is_resolved,
    m.rag_score,
    m.response_time_ms,
    m.tokens_used,
    LEFT(question.content, 4000) AS question,
    LEFT(m.content, 4000) AS answer,
    LEFT(m.rag_sources, 4000) AS rag_sources,
    LEFT(m.metadata, 4000) AS metadata
FROM dbo.messages AS m
JOIN dbo.conversations AS c
    ON c.id = m.conversation_id
LEFT JOIN dbo.workspaces AS w
    ON w.id = c.workspace_id
OUTER APPLY (
    SELECT TOP (1) asked.content
    FROM dbo.messages AS asked
    WHERE asked.conversation_id = m.conversation_id
        AND asked.role = N'user'
        AND asked.created_at <= m.created_at
    ORDER BY asked.created_at DESC
) AS question
WHERE m.id = TRY_CAST(:key AS uniqueidentifier);
