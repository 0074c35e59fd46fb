-- Entries per hour of the last 24, open or resolved, for the causes on screen.

WITH {{causes(
    of => label::text IN (SELECT split_part(key, '-', 1) FROM unnest(:keys::text[]) AS key),
    from => LOCALTIMESTAMP - interval '24 hours',
    where => "timestamp" <= LOCALTIMESTAMP
)}},
hourly AS (
    SELECT
        fingerprint,
        least(23, floor(extract(epoch FROM LOCALTIMESTAMP - "timestamp") / 3600)) AS hours_ago,
        count(*) AS events
    FROM cause
    WHERE fingerprint = ANY (:keys::text[])
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
