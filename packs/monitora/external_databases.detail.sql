-- One of them.

SELECT
    e.id,
    e.name,
    w.name AS workspace,
    e.db_type,
    e.host,
    e.port,
    e.[database] AS db_name,
    e.username,
    e.is_active,
    e.created_at,
    e.updated_at,
    LEFT(e.description, 2000) AS description
FROM dbo.workspace_databases AS e
LEFT JOIN dbo.workspaces AS w
    ON w.id = e.workspace_id
WHERE e.id = TRY_CAST(:key AS uniqueidentifier);
