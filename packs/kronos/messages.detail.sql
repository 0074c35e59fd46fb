-- One message, with a digest of its payload.

SELECT
    m.id,
    m.topic,
    m.status,
    {{finite(time => m.created_at)}} AS created_at,
    octet_length(m.payload) AS size,
    {{digest(of => m.payload)}} AS digest
FROM message_queue AS m
WHERE m.id = :key::int;
