-- The keys that a question is about: a prefix, a whole key, a name or an id. A key is usable while nothing speaks against it:
-- everything is listed, not only the first.

WITH question AS (
    SELECT
        LTRIM(RTRIM(:search)) AS asked,
        LEN(LTRIM(RTRIM(:search))) AS long
)
SELECT TOP (200)
    CASE
        WHEN verdict.reasons > '' THEN 'crit'
        WHEN k.expires_at <= DATEADD(DAY, CAST(:ends_days AS int), SYSUTCDATETIME()) THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE
        WHEN verdict.reasons > '' THEN 'unusable'
        WHEN k.expires_at <= DATEADD(DAY, CAST(:ends_days AS int), SYSUTCDATETIME()) THEN 'ends'
    END AS reason,
    verdict.reasons AS why,
    k.id,
    k.name,
    k.key_prefix,
    matched.exact,
    CAST(CASE WHEN verdict.reasons > '' THEN 0 ELSE 1 END AS bit) AS usable,
    w.name AS workspace,
    u.email AS owner,
    k.last_used_at,
    k.expires_at,
    k.created_at
FROM question
CROSS JOIN dbo.api_keys AS k
LEFT JOIN dbo.workspaces AS w
    ON w.id = k.workspace_id
LEFT JOIN dbo.app_users AS u
    ON u.id = w.user_id
CROSS APPLY (
    SELECT CAST(CASE
        WHEN k.key_prefix = question.asked OR k.name = question.asked THEN 1
        WHEN k.id = TRY_CAST(question.asked AS uniqueidentifier) THEN 1
        -- Of a whole key, what it begins with.
        WHEN question.long > LEN(k.key_prefix) AND LEN(k.key_prefix) >= 4
            AND LEFT(question.asked, LEN(k.key_prefix)) = k.key_prefix THEN 1
        ELSE 0
    END AS bit) AS exact
) AS matched
CROSS APPLY (
    SELECT CONCAT_WS(
        N', ',
        CASE WHEN k.expires_at <= SYSUTCDATETIME() THEN CONCAT(N'ended on ', CONVERT(nvarchar(10), k.expires_at, 23)) END,
        CASE WHEN w.id IS NULL THEN N'opens no workspace' END,
        CASE WHEN w.is_active = 0 THEN N'its workspace is switched off' END,
        CASE WHEN u.is_active = 0 THEN N'the owner is deactivated' END
    ) AS reasons
) AS verdict
WHERE matched.exact = 1
    -- Fewer than three characters would match most of the table.
    OR question.long >= 3
        AND CHARINDEX(LOWER(question.asked), LOWER(CONCAT_WS(' ', k.key_prefix, k.name))) > 0
ORDER BY matched.exact DESC, k.name, k.created_at;
