-- Entries whose end has come, the oldest first. Nobody may rely on one of them.

SELECT
    c.key,
    octet_length(c.value)::text AS size,
    c.expires_at::text AS expires_at
FROM cache AS c
WHERE c.expires_at <= LOCALTIMESTAMP
    AND isfinite(c.expires_at)
ORDER BY c.expires_at, c.key;
