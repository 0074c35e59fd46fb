-- One account with its profile, and how many sessions it has.

SELECT
    u.id,
    u.email,
    u.full_name,
    u.is_active,
    u.role,
    p.role AS profile_role,
    u.failed_login_attempts,
    u.locked_until,
    u.last_login_at,
    u.created_at,
    u.updated_at,
    p.country,
    LEFT(p.bio, 500) AS bio,
    LEFT(p.preferences, 2000) AS preferences,
    (
        SELECT COUNT(*)
        FROM dbo.app_sessions AS s
        WHERE s.user_id = u.id AND s.expires_at > SYSUTCDATETIME()
    ) AS sessions
FROM dbo.app_users AS u
LEFT JOIN dbo.profiles AS p
    ON p.id = u.id
WHERE u.id = TRY_CAST(:key AS uniqueidentifier);
