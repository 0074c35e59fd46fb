-- One tenant's measurements over time. Sixty steps over the window, each of five minutes or more; a
-- step without a sample is NULL.
WITH scale AS (
    SELECT greatest(300, extract(epoch FROM :window::interval) / 60) AS step
),
step AS (
    SELECT
        floor(extract(epoch FROM m."timestamp") / scale.step) AS slot,
        max(m."aiLatency") FILTER (WHERE abs(m."aiLatency") < 'Infinity') AS highest,
        {{measures}}
    FROM scale
    CROSS JOIN tenant_metrics AS m
    WHERE m."tenantId" = :key::uuid
        AND m."timestamp" BETWEEN LOCALTIMESTAMP - :window::interval AND LOCALTIMESTAMP
    GROUP BY 1
)
SELECT
    {{slot_time}},
    series.value,
    series.name AS series
FROM {{slots}}
LEFT JOIN step
    ON step.slot = slot.n
CROSS JOIN LATERAL {{series}} AS series (name, value)
ORDER BY series.name, "time"
