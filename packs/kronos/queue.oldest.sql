-- The oldest messages of a topic and status: how long each payload is, and the beginning of its SHA-256.

SELECT
    m.id,
    {{finite(time => m.created_at)}} AS created_at,
    octet_length(m.payload) AS size,
    {{digest(of => m.payload)}} AS digest
FROM message_queue AS m
WHERE {{of_group(key => :key::text)}}
ORDER BY m.created_at NULLS FIRST, m.id
LIMIT 50;
