-- Workspaces, which are chatbots, with their owners and what they have.

WITH spoken AS (
    SELECT
        c.workspace_id,
        COUNT(*) AS conversations,
        MAX(c.last_message_at) AS last_message_at
    FROM dbo.conversations AS c
    GROUP BY c.workspace_id
),
stored AS (
    SELECT
        d.workspace_id,
        COUNT(*) AS documents
    FROM dbo.documents AS d
    WHERE d.deleted_at IS NULL
    GROUP BY d.workspace_id
)
SELECT TOP (5000)
    judged.severity,
    found.reason,
    w.id,
    w.name,
    w.user_id AS owner_id,
    u.email AS owner,
    w.is_active,
    w.model,
    w.temperature,
    w.max_tokens,
    COALESCE(stored.documents, 0) AS documents,
    COALESCE(spoken.conversations, 0) AS conversations,
    spoken.last_message_at,
    LEFT(w.website_url, 200) AS website_url,
    LEFT(w.allowed_domains, 200) AS allowed_domains
FROM dbo.workspaces AS w
LEFT JOIN dbo.app_users AS u
    ON u.id = w.user_id
LEFT JOIN spoken
    ON spoken.workspace_id = w.id
LEFT JOIN stored
    ON stored.workspace_id = w.id
CROSS APPLY (
    SELECT CASE
        WHEN w.is_active = 0 AND spoken.last_message_at > DATEADD(DAY, -CAST(:traffic_days AS int), SYSUTCDATETIME())
            THEN 'inactive_in_use'
        WHEN w.is_active = 0 THEN 'inactive'
        -- An empty list is written in several ways.
        WHEN REPLACE(COALESCE(w.allowed_domains, N''), N' ', N'') IN (N'', N'[]', N'{}', N'null') THEN 'no_domain'
        WHEN u.is_active = 0 THEN 'owner_inactive'
    END AS reason
) AS found
CROSS APPLY (
    SELECT CASE
        WHEN found.reason = 'inactive' THEN 'off'
        WHEN found.reason IS NULL THEN 'ok'
        ELSE 'warn'
    END AS severity
) AS judged
WHERE {{is_workspace(id => w.id)}}
    AND (:owner IS NULL OR w.user_id = TRY_CAST(:owner AS uniqueidentifier))
    AND (:state = 'all' OR :state = CASE WHEN w.is_active = 1 THEN 'active' ELSE 'inactive' END)
    AND {{found_in(text => CONCAT_WS(' ', w.name, u.email, w.website_url))}}
ORDER BY {{worst_first(severity => judged.severity)}}, spoken.last_message_at DESC, w.name;
