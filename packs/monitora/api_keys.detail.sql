-- One key: what it opens, and whose it is.

SELECT
    k.id,
    k.name,
    k.key_prefix,
    w.name AS workspace,
    w.is_active AS workspace_active,
    u.email AS owner,
    LEFT(w.allowed_domains, 500) AS allowed_domains,
    k.created_at,
    k.last_used_at,
    k.expires_at
FROM dbo.api_keys AS k
LEFT JOIN dbo.workspaces AS w
    ON w.id = k.workspace_id
LEFT JOIN dbo.app_users AS u
    ON u.id = w.user_id
WHERE k.id = TRY_CAST(:key AS uniqueidentifier);
