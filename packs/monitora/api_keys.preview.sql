-- Keys as they are now, before they are ended.

SELECT
    k.id AS [key],
    k.name,
    w.name AS workspace,
    k.key_prefix,
    {{key_state(of => k)}} AS state,
    k.last_used_at,
    k.expires_at
FROM dbo.api_keys AS k
LEFT JOIN dbo.workspaces AS w
    ON w.id = k.workspace_id
WHERE {{of_keys(id => k.id)}}
ORDER BY k.name, k.id;
