-- Messages by topic and status, those that wait longest first. Of a payload nothing is selected.
--
-- The table has neither updated_at nor attempts: how long a message has waited is told by when it came, and how often it
-- was tried by nothing. The status is free text; only what is "pending", however it is written, waits.

SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    q.topic,
    q.status,
    q.messages,
    q.oldest_at,
    q.newest_at
FROM (
    SELECT
        m.topic,
        coalesce(m.status, '') AS status,
        count(*) AS messages,
        {{finite(time => min(m.created_at))}} AS oldest_at,
        {{finite(time => max(m.created_at))}} AS newest_at
    FROM message_queue AS m
    GROUP BY m.topic, coalesce(m.status, '')
) AS q
CROSS JOIN LATERAL (
    -- The first that applies, worst first, as {severity, reason}.
    SELECT CASE
        WHEN q.status = '' THEN ARRAY['unknown', 'no_status']
        WHEN {{pending(status => q.status)}} AND q.oldest_at IS NULL THEN ARRAY['unknown', 'no_time']
        WHEN {{pending(status => q.status)}} AND q.oldest_at < LOCALTIMESTAMP - :pending_crit::interval THEN ARRAY['crit', 'stuck']
        WHEN {{pending(status => q.status)}} AND q.oldest_at < LOCALTIMESTAMP - :pending_warn::interval THEN ARRAY['warn', 'slow']
        WHEN {{failed(status => q.status)}} THEN ARRAY['warn', 'given_up']
        ELSE ARRAY['ok', NULL]
    END AS found
) AS verdict
WHERE :search::text IS NULL
    OR strpos(lower(concat_ws(' ', q.topic, q.status)), lower(:search::text)) > 0
ORDER BY q.oldest_at NULLS LAST, q.topic, q.status;
