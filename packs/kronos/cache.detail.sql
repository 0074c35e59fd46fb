-- One entry of the cache, with a digest of its value.

SELECT
    c.key,
    {{finite(time => c.expires_at)}} AS expires_at,
    octet_length(c.value) AS size,
    {{digest(of => c.value)}} AS digest
FROM cache AS c
WHERE c.key = :key::text;
