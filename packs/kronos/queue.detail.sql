-- One topic and status.

SELECT
    min(m.topic) AS topic,
    coalesce(min(m.status), 'none') AS status,
    count(*) AS messages,
    {{finite(time => min(m.created_at))}} AS oldest_at,
    {{finite(time => max(m.created_at))}} AS newest_at,
    sum(octet_length(m.payload)) AS bytes,
    count(*) - count(DISTINCT {{digest(of => m.payload)}}) AS repeated
FROM message_queue AS m
WHERE {{of_group(key => :key::text)}};
