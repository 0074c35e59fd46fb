-- Answers as they are now, before they are marked as resolved.

SELECT
    m.id AS [key],
    w.name AS workspace,
    LEFT(m.content, 80) AS answer,
    m.created_at,
    m.is_resolved,
    m.updated_at
FROM dbo.messages AS m
JOIN dbo.conversations AS c
    ON c.id = m.conversation_id
LEFT JOIN dbo.workspaces AS w
    ON w.id = c.workspace_id
WHERE {{of_keys(id => m.id)}}
    AND m.role = N'assistant'
ORDER BY m.created_at, m.id;
