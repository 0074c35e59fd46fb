-- Other messages of the topic with the same payload.

SELECT
    other.id,
    other.status,
    {{finite(time => other.created_at)}} AS created_at
FROM message_queue AS m
JOIN message_queue AS other
    ON other.id <> m.id
    AND other.topic = m.topic
    AND other.payload = m.payload
WHERE m.id = :key::int
ORDER BY other.created_at, other.id
LIMIT 50;
