-- Entries per hour of the last 24, for the causes on screen.

WITH {{entry(since => interval '24 hours')}},
hourly AS (
    SELECT
        e.fingerprint,
        least(23, floor(extract(epoch FROM LOCALTIMESTAMP - e.timestamp) / 3600)) AS hours_ago,
        count(*) AS events
    FROM entry AS e
    WHERE e.fingerprint = ANY (:keys::text[])
    GROUP BY 1, 2
)
SELECT
    key,
    array_agg(coalesce(hourly.events, 0)::float8 ORDER BY hour.ago DESC) AS trend
FROM unnest(:keys::text[]) AS key
CROSS JOIN generate_series(0, 23) AS hour (ago)
LEFT JOIN hourly
    ON hourly.fingerprint = key AND hourly.hours_ago = hour.ago
GROUP BY key;
