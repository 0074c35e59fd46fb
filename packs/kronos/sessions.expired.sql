-- Sessions whose end is longer ago than :stored_expired_after, the oldest first. What expired since may still be looked into.

SELECT
    s.id::text AS key,
    coalesce(u.username, 'nobody') AS username,
    s.expires_at::text AS expires_at
FROM sessions AS s
LEFT JOIN users AS u
    ON u.id = s.user_id
WHERE s.expires_at < LOCALTIMESTAMP - :stored_expired_after::interval
    AND isfinite(s.expires_at)
ORDER BY s.expires_at, s.id;
