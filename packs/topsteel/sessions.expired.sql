-- What the document deletes: sessions that ended more than seven days ago, the oldest first.

SELECT
    s.id::text AS key,
    s.user_id::text AS user_id,
    s.expires_at::text AS expires_at
FROM user_sessions AS s
WHERE s.expires_at < now() - :purge_after::interval
ORDER BY s.expires_at, s.id;
