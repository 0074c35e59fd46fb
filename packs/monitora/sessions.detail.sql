-- One session.

SELECT
    s.id,
    u.email,
    u.full_name,
    u.role,
    s.ip_address,
    s.user_agent,
    s.created_at,
    s.last_activity_at,
    s.expires_at
FROM dbo.app_sessions AS s
LEFT JOIN dbo.app_users AS u
    ON u.id = s.user_id
WHERE s.id = TRY_CAST(:key AS uniqueidentifier);
