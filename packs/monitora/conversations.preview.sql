-- Conversations as they are now, before they are archived.

SELECT
    c.id AS [key],
    LEFT(c.title, 80) AS title,
    c.visitor_id,
    c.last_message_at,
    c.is_active,
    c.archived_at,
    c.updated_at
FROM dbo.conversations AS c
WHERE {{of_keys(id => c.id)}}
ORDER BY c.created_at, c.id;
