-- One conversation, and how many messages it really has. Of the visitor the first letters only.

SELECT
    c.id,
    w.name AS workspace,
    LEFT(c.title, 500) AS title,
    c.visitor_id,
    {{mask(of => c.visitor_name)}} AS visitor_name,
    {{mask(of => c.visitor_email)}} AS visitor_email,
    c.is_active,
    c.created_at,
    c.last_message_at,
    c.archived_at,
    c.message_count,
    (SELECT COUNT(*) FROM dbo.messages AS m WHERE m.conversation_id = c.id) AS messages_counted
FROM dbo.conversations AS c
LEFT JOIN dbo.workspaces AS w
    ON w.id = c.workspace_id
WHERE c.id = TRY_CAST(:key AS uniqueidentifier);
