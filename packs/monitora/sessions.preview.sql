-- Sessions as they are now, before they are deleted.

SELECT
    s.id AS [key],
    u.email,
    s.ip_address,
    {{session_state(of => s)}} AS state,
    s.created_at,
    s.expires_at
FROM dbo.app_sessions AS s
LEFT JOIN dbo.app_users AS u
    ON u.id = s.user_id
WHERE {{of_keys(id => s.id)}}
ORDER BY s.expires_at, s.id;
