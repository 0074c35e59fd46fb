-- What the database's own view counts for a workspace.

SELECT
    v.workspace_id,
    v.total_conversations,
    v.total_messages,
    v.unique_visitors
FROM dbo.vw_workspace_stats AS v
WHERE v.workspace_id = TRY_CAST(:key AS uniqueidentifier);
