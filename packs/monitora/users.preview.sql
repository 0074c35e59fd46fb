-- Accounts as they are now, before they are unlocked or deactivated.

SELECT
    u.id AS [key],
    u.email,
    {{lock_state(of => u)}} AS state,
    u.is_active,
    u.failed_login_attempts,
    u.locked_until,
    u.updated_at
FROM dbo.app_users AS u
WHERE {{of_keys(id => u.id)}}
ORDER BY u.email;
