-- Sessions of users. What they are recognized by is not read.

SELECT TOP (5000)
    judged.severity,
    found.reason,
    s.id,
    s.user_id,
    u.email,
    now.state,
    s.ip_address,
    LEFT(s.user_agent, 200) AS user_agent,
    s.created_at,
    s.last_activity_at,
    s.expires_at
FROM dbo.app_sessions AS s
LEFT JOIN dbo.app_users AS u
    ON u.id = s.user_id
CROSS APPLY (SELECT {{session_state(of => s)}} AS state) AS now
CROSS APPLY (
    SELECT CASE
        WHEN now.state = 'live' AND u.is_active = 0 THEN 'of_inactive'
        WHEN s.expires_at < DATEADD(HOUR, -CAST(:kept_hours AS int), SYSUTCDATETIME()) THEN 'still_stored'
        WHEN now.state = 'expired' THEN 'expired'
    END AS reason
) AS found
CROSS APPLY (
    SELECT CASE
        WHEN found.reason IS NULL THEN 'ok'
        WHEN found.reason = 'expired' THEN 'off'
        ELSE 'warn'
    END AS severity
) AS judged
WHERE (:user IS NULL OR s.user_id = TRY_CAST(:user AS uniqueidentifier))
    AND (:state = 'all' OR :state = now.state)
    AND {{found_in(text => CONCAT_WS(' ', u.email, s.ip_address))}}
ORDER BY {{worst_first(severity => judged.severity)}}, COALESCE(s.last_activity_at, s.created_at) DESC, s.id;
