-- How many tenants one cause hits over time, in 60 steps of the window.

WITH {{entries_of_window}},
counted AS (
    SELECT
        floor(extract(epoch FROM "timestamp") / (SELECT step FROM scale)) AS slot,
        count(DISTINCT "tenantId") AS tenants
    FROM cause
    WHERE fingerprint = :key::text
    GROUP BY 1
)
-- Every slot, so that silence is drawn as 0.
SELECT
    {{slot_time}},
    coalesce(counted.tenants, 0)::float8 AS value,
    'tenants' AS series
FROM {{slots}}
LEFT JOIN counted
    ON counted.slot = slot.n
ORDER BY "time";
