-- How many tenants one cause hits over time, in 60 steps of the window.

WITH scale AS MATERIALIZED (
    SELECT extract(epoch FROM :window::interval) / 60 AS step
),
{{causes(
    of => label::text = split_part(:key::text, '-', 1),
    from => LOCALTIMESTAMP - :window::interval,
    where => "timestamp" <= LOCALTIMESTAMP
)}},
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
