-- Answers that somebody should look at, the newest first: a visitor disliked them, little was found to answer from, or they
-- took long.

SELECT TOP (2000)
    CASE
        WHEN m.is_resolved = 1 THEN 'off'
        ELSE 'warn'
    END AS severity,
    CASE
        WHEN m.is_resolved = 1 THEN 'resolved'
        ELSE found.reasons
    END AS reason,
    m.id,
    m.conversation_id,
    c.workspace_id,
    m.created_at,
    w.name AS workspace,
    c.visitor_id,
    m.feedback,
    m.rag_score,
    m.response_time_ms,
    m.tokens_used,
    m.is_resolved,
    LEFT(m.content, 200) AS answer
FROM dbo.messages AS m
JOIN dbo.conversations AS c
    ON c.id = m.conversation_id
LEFT JOIN dbo.workspaces AS w
    ON w.id = c.workspace_id
CROSS APPLY (
    SELECT CONCAT_WS(
        ',',
        CASE WHEN m.feedback = -1 THEN 'disliked' END,
        CASE WHEN m.rag_score < CAST(:low_score AS float) THEN 'low_score' END,
        CASE WHEN m.response_time_ms > CAST(:slow_ms AS int) THEN 'slow' END
    ) AS reasons
) AS found
WHERE m.role = N'assistant'
    AND m.created_at > DATEADD(DAY, -CAST(:back_days AS int), SYSUTCDATETIME())
    AND found.reasons > ''
    AND (:state = 'all' OR m.is_resolved = CASE WHEN :state = 'resolved' THEN 1 ELSE 0 END)
    AND (:which = 'all'
        OR :which = 'disliked' AND m.feedback = -1
        OR :which = 'low score' AND m.rag_score < CAST(:low_score AS float)
        OR :which = 'slow' AND m.response_time_ms > CAST(:slow_ms AS int))
    AND {{is_workspace(id => c.workspace_id)}}
ORDER BY m.created_at DESC, m.id;
