-- Other sessions with the token of this one, and of its user.

SELECT
    other.id,
    u.username,
    CASE WHEN other.token = s.token THEN 'the same token' ELSE 'the same user' END AS has,
    {{expiry(of => other, live => 'ACTIVE')}} AS state,
    {{finite(time => other.expires_at)}} AS expires_at
FROM sessions AS s
JOIN sessions AS other
    ON other.id <> s.id
    AND (other.token = s.token OR other.user_id = s.user_id)
LEFT JOIN users AS u
    ON u.id = other.user_id
WHERE s.id = :key::int
ORDER BY other.token = s.token DESC, other.expires_at DESC
LIMIT 100;
