-- What visitors ask about, the most frequent first. Nothing ties a message to a topic, so the counts cannot be held against
-- anything.

SELECT TOP (2000)
    CASE WHEN t.message_count > 0 THEN 'ok' ELSE 'off' END AS severity,
    CASE WHEN t.message_count > 0 THEN NULL ELSE 'no_message' END AS reason,
    t.id,
    t.workspace_id,
    w.name AS workspace,
    t.topic_name,
    t.message_count,
    CAST(100.0 * t.message_count / NULLIF(SUM(t.message_count) OVER (PARTITION BY t.workspace_id), 0) AS float) AS share,
    LEFT(t.sample_questions, 200) AS sample_questions,
    t.created_at
FROM dbo.message_topics AS t
LEFT JOIN dbo.workspaces AS w
    ON w.id = t.workspace_id
WHERE {{is_workspace(id => t.workspace_id)}}
    AND {{found_in(text => CONCAT_WS(' ', t.topic_name, w.name))}}
ORDER BY t.message_count DESC, t.topic_name;
