-- One tenant's active users, and the exercises completed since its midnight, over time.
-- Sixty steps over the window, each of five minutes or more. A step without a sample is NULL.

WITH scale AS (
    SELECT greatest(300, extract(epoch FROM :window::interval) / 60) AS step
),
step AS (
    SELECT
        floor(extract(epoch FROM m."timestamp") / scale.step) AS slot,
        avg(m."activeUsers")::float8 AS users,
        max(m."exercisesCompletedToday")::float8 AS exercises
    FROM scale
    CROSS JOIN tenant_metrics AS m
    WHERE m."tenantId" = :key::uuid
        AND m."timestamp" BETWEEN LOCALTIMESTAMP - :window::interval AND LOCALTIMESTAMP
    GROUP BY 1
)
SELECT
    (timestamp 'epoch' + slot.n * scale.step * interval '1 second')::timestamptz AS "time",
    series.value,
    series.name AS series
FROM scale
CROSS JOIN generate_series(
    floor(extract(epoch FROM LOCALTIMESTAMP - :window::interval) / scale.step),
    floor(extract(epoch FROM LOCALTIMESTAMP) / scale.step)
) AS slot (n)
LEFT JOIN step
    ON step.slot = slot.n
CROSS JOIN LATERAL (
    VALUES ('active users', step.users), ('exercises today', step.exercises)
) AS series (name, value)
ORDER BY series.name, "time";
