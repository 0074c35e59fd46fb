-- Single messages, the oldest first: how long each payload is, never what it says.

SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    m.id,
    m.topic,
    coalesce(m.status, '') AS status,
    {{finite(time => m.created_at)}} AS created_at,
    octet_length(m.payload) AS size
FROM message_queue AS m
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN m.status IS NULL THEN ARRAY['unknown', 'no_status']
        WHEN {{pending(status => m.status)}} AND m.created_at IS NULL THEN ARRAY['unknown', 'no_time']
        WHEN {{pending(status => m.status)}} AND m.created_at < LOCALTIMESTAMP - :pending_crit::interval THEN ARRAY['crit', 'stuck']
        WHEN {{pending(status => m.status)}} AND m.created_at < LOCALTIMESTAMP - :pending_warn::interval THEN ARRAY['warn', 'slow']
        WHEN {{failed(status => m.status)}} THEN ARRAY['warn', 'given_up']
        ELSE ARRAY['ok', NULL]
    END AS found
) AS verdict
WHERE (:topic::text IS NULL OR m.topic = :topic::text)
    AND (:status::text IS NULL OR coalesce(m.status, '') = :status::text)
    AND (:waiting::text = 'all' OR {{pending(status => m.status)}})
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', m.id, m.topic, m.status)), lower(:search::text)) > 0)
ORDER BY m.created_at NULLS LAST, m.id;
