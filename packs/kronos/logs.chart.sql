-- Entries of one cause over time, a line for each of its five largest services.

WITH scale AS MATERIALIZED (
    SELECT extract(epoch FROM :window::interval) / 60 AS step
),
{{entry(since => :window::interval)}},
counted AS MATERIALIZED (
    SELECT
        floor(extract(epoch FROM e.timestamp) / (SELECT step FROM scale)) AS slot,
        e.service_name,
        count(*) AS events
    FROM entry AS e
    WHERE e.fingerprint = :key::text
    GROUP BY 1, 2
),
series AS (
    SELECT service_name
    FROM counted
    GROUP BY service_name
    ORDER BY sum(events) DESC, service_name
    LIMIT 5
)
-- Every slot, so that silence is drawn as 0.
SELECT
    {{slot_time}},
    coalesce(counted.events, 0)::float8 AS value,
    series.service_name AS series
FROM {{slots}}
CROSS JOIN series
LEFT JOIN counted
    ON counted.slot = slot.n
    AND counted.service_name = series.service_name
ORDER BY series.service_name, "time";
