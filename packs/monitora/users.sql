-- Accounts. What they log in with is not read, and the dashboard's login needs no right to it: name columns here, never "*".

SELECT TOP (5000)
    judged.severity,
    found.reasons AS reason,
    u.id,
    u.email,
    u.full_name,
    u.role,
    p.role AS profile_role,
    u.is_active,
    now.state,
    u.failed_login_attempts,
    u.locked_until,
    u.last_login_at,
    u.created_at
FROM dbo.app_users AS u
LEFT JOIN dbo.profiles AS p
    ON p.id = u.id
CROSS APPLY (SELECT {{lock_state(of => u)}} AS state) AS now
CROSS APPLY (
    SELECT CASE
        WHEN u.is_active = 0 THEN 'inactive'
        ELSE CONCAT_WS(
            ',',
            CASE WHEN now.state = 'locked' THEN 'locked' END,
            CASE WHEN now.state = 'failing' AND u.failed_login_attempts >= CAST(:failures AS int) THEN 'failing' END,
            CASE WHEN p.id IS NULL THEN 'no_profile' END,
            CASE WHEN u.role <> p.role THEN 'two_roles' END
        )
    END AS reasons
) AS found
CROSS APPLY (
    SELECT CASE found.reasons
        WHEN '' THEN 'ok'
        WHEN 'inactive' THEN 'off'
        ELSE 'warn'
    END AS severity
) AS judged
WHERE (:user IS NULL OR u.id = TRY_CAST(:user AS uniqueidentifier))
    AND (:state = 'all'
        OR :state = 'inactive' AND u.is_active = 0
        OR u.is_active = 1 AND :state = now.state)
    AND {{found_in(text => CONCAT_WS(' ', u.email, u.full_name))}}
ORDER BY {{worst_first(severity => judged.severity)}}, u.email;
