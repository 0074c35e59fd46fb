-- The services that a cause comes from, with their entries per hour of the last 24, the oldest first.

WITH {{entry(since => interval '24 hours')}},
hourly AS (
    SELECT
        e.service_name,
        least(23, floor(extract(epoch FROM LOCALTIMESTAMP - e.timestamp) / 3600)) AS hours_ago,
        count(*) AS events,
        max(e.timestamp) AS last_at
    FROM entry AS e
    WHERE e.fingerprint = :key::text
    GROUP BY 1, 2
)
SELECT
    named.service_name AS service,
    {{routed(service => named.service_name)}} AS routed,
    named.events,
    named.last_at::timestamptz AS last_at,
    (
        SELECT array_agg(coalesce(hourly.events, 0)::float8 ORDER BY hour.ago DESC)
        FROM generate_series(0, 23) AS hour (ago)
        LEFT JOIN hourly
            ON hourly.service_name = named.service_name AND hourly.hours_ago = hour.ago
    ) AS trend
FROM (
    SELECT
        service_name,
        sum(events)::bigint AS events,
        max(last_at) AS last_at
    FROM hourly
    GROUP BY service_name
) AS named
ORDER BY named.events DESC, named.service_name;
