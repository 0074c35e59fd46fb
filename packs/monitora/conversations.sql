-- Conversations, the newest first. Of a visitor only the id is listed.

SELECT TOP (2000)
    CASE
        WHEN found.reason IN ('unanswered', 'archived_active') THEN 'warn'
        WHEN found.reason IS NOT NULL THEN 'off'
        ELSE 'ok'
    END AS severity,
    found.reason,
    c.id,
    c.workspace_id,
    w.name AS workspace,
    LEFT(c.title, 200) AS title,
    c.visitor_id,
    c.message_count,
    c.last_message_at,
    c.is_active,
    c.archived_at,
    c.created_at
FROM dbo.conversations AS c
LEFT JOIN dbo.workspaces AS w
    ON w.id = c.workspace_id
OUTER APPLY (
    -- Who spoke last, of those in which somebody has spoken within a day.
    SELECT TOP (1) m.role
    FROM dbo.messages AS m
    WHERE m.conversation_id = c.id
        AND c.last_message_at > DATEADD(DAY, -1, SYSUTCDATETIME())
    ORDER BY m.created_at DESC
) AS last
CROSS APPLY (
    SELECT CASE
        WHEN c.archived_at IS NOT NULL AND c.is_active = 1 THEN 'archived_active'
        WHEN c.archived_at IS NOT NULL THEN 'archived'
        WHEN last.role = N'user'
            AND c.last_message_at < DATEADD(MINUTE, -CAST(:answer_minutes AS int), SYSUTCDATETIME()) THEN 'unanswered'
        WHEN c.is_active = 0 THEN 'inactive'
    END AS reason
) AS found
WHERE {{is_workspace(id => c.workspace_id)}}
    AND (:conversation IS NULL OR c.id = TRY_CAST(:conversation AS uniqueidentifier))
    AND (:visitor IS NULL OR c.visitor_id = CAST(:visitor AS nvarchar(255)))
    AND (:state = 'all'
        OR :state = 'open' AND c.archived_at IS NULL
        OR :state = 'archived' AND c.archived_at IS NOT NULL)
    AND {{found_in(text => CONCAT_WS(' ', c.title, c.visitor_id, w.name))}}
ORDER BY COALESCE(c.last_message_at, c.created_at) DESC, c.id;
