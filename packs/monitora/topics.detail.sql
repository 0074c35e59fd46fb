-- One topic. Nothing sets its updated_at: the document lists no trigger for it.

SELECT
    t.id,
    w.name AS workspace,
    t.topic_name,
    t.message_count,
    t.created_at,
    t.updated_at,
    LEFT(t.sample_questions, 4000) AS sample_questions
FROM dbo.message_topics AS t
LEFT JOIN dbo.workspaces AS w
    ON w.id = t.workspace_id
WHERE t.id = TRY_CAST(:key AS uniqueidentifier);
