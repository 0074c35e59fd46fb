-- All that sp_cleanup_expired_sessions deletes, those that ended first.

SELECT
    s.id AS [key],
    u.email,
    s.ip_address,
    s.expires_at
FROM dbo.app_sessions AS s
LEFT JOIN dbo.app_users AS u
    ON u.id = s.user_id
WHERE s.expires_at <= SYSUTCDATETIME()
ORDER BY s.expires_at, s.id;
