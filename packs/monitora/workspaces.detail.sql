-- One workspace, with what its owner wrote. Its style is shown as text and never interpreted.

SELECT
    w.id,
    w.name,
    u.email AS owner,
    u.full_name AS owner_name,
    w.is_active,
    w.created_at,
    w.updated_at,
    LEFT(w.website_url, 1000) AS website_url,
    LEFT(w.allowed_domains, 1000) AS allowed_domains,
    LEFT(w.description, 2000) AS description,
    w.model,
    w.temperature,
    w.max_tokens,
    LEFT(w.system_prompt, 4000) AS system_prompt,
    LEFT(w.custom_css, 2000) AS custom_css
FROM dbo.workspaces AS w
LEFT JOIN dbo.app_users AS u
    ON u.id = w.user_id
WHERE w.id = TRY_CAST(:key AS uniqueidentifier);
