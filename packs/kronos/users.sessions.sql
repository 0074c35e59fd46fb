-- The sessions of a user, the newest first.

SELECT
    s.id,
    {{expiry(of => s, live => 'ACTIVE')}} AS state,
    {{finite(time => s.created_at)}} AS created_at,
    {{finite(time => s.expires_at)}} AS expires_at
FROM sessions AS s
WHERE s.user_id = :key::int
ORDER BY s.created_at DESC
LIMIT 100;
