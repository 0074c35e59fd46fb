-- One session, with a digest of its token.

SELECT
    s.id,
    u.username,
    u.email,
    r.name AS role,
    {{finite(time => s.created_at)}} AS created_at,
    {{finite(time => s.expires_at)}} AS expires_at,
    {{digest(of => s.token)}} AS token_digest,
    length(s.token) AS token_length
FROM sessions AS s
LEFT JOIN users AS u
    ON u.id = s.user_id
LEFT JOIN roles AS r
    ON r.id = u.role_id
WHERE s.id = :key::int;
