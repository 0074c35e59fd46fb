-- What the database's own view says an account has.

SELECT TOP (200)
    v.workspace_id,
    v.workspace_name,
    v.workspace_created_at
FROM dbo.vw_user_workspaces AS v
WHERE v.user_id = TRY_CAST(:key AS uniqueidentifier)
ORDER BY v.workspace_name;
