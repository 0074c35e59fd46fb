-- One cause: its newest entry in full, and what all its entries of a week have in common.

WITH {{entry(since => interval '7 days')}}
SELECT
    e.level,
    e.raw_level,
    count(*) OVER () AS events,
    (min(e.timestamp) OVER ())::timestamptz AS first_at,
    e.timestamp::timestamptz AS last_at,
    {{hide_tokens(text => e.pattern)}} AS pattern,
    e.id AS sample_id,
    e.service_name,
    {{hide_tokens(text => e.message)}} AS message
FROM entry AS e
WHERE e.fingerprint = :key::text
ORDER BY e.timestamp DESC
LIMIT 1;
