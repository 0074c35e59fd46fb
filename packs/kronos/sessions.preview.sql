-- A session as it is now, before it is ended.

SELECT
    s.id::text AS key,
    u.username,
    s.expires_at::text AS expires_at,
    s.created_at::text AS created_at
FROM sessions AS s
LEFT JOIN users AS u
    ON u.id = s.user_id
WHERE s.id = ANY (:keys::int[])
ORDER BY s.id;
