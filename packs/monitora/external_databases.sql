-- Databases of others that workspaces ask. Nothing connects to them from here, and how they are logged in to is not read.

SELECT TOP (5000)
    judged.severity,
    found.reasons AS reason,
    e.id,
    e.workspace_id,
    e.name,
    w.name AS workspace,
    e.db_type,
    e.host,
    e.port,
    e.[database] AS db_name,
    e.username,
    e.is_active,
    e.updated_at
FROM dbo.workspace_databases AS e
LEFT JOIN dbo.workspaces AS w
    ON w.id = e.workspace_id
CROSS APPLY (
    SELECT CASE
        WHEN e.is_active = 0 THEN 'inactive'
        ELSE CONCAT_WS(
            ',',
            CASE WHEN e.db_type NOT IN (N'sqlserver', N'mysql', N'postgres') THEN 'unknown_type' END,
            CASE WHEN LOWER(e.username) IN (N'sa', N'root', N'postgres', N'admin', N'administrator') THEN 'as_admin' END,
            CASE WHEN w.is_active = 0 THEN 'workspace_inactive' END
        )
    END AS reasons
) AS found
CROSS APPLY (
    SELECT CASE found.reasons
        WHEN '' THEN 'ok'
        WHEN 'inactive' THEN 'off'
        ELSE 'warn'
    END AS severity
) AS judged
WHERE {{is_workspace(id => e.workspace_id)}}
    AND {{found_in(text => CONCAT_WS(' ', e.name, e.host, w.name))}}
ORDER BY {{worst_first(severity => judged.severity)}}, w.name, e.name, e.id;
