-- The sparklines of the tenants on screen: 24 steps over :period, each of five minutes or more,
-- because nodes report every few minutes. A step without a sample is NULL and drawn as a gap.

WITH scale AS (
    SELECT greatest(300, extract(epoch FROM :period::interval) / 24) AS step
),
step AS (
    SELECT
        m."tenantId",
        floor(extract(epoch FROM LOCALTIMESTAMP - m."timestamp") / scale.step)::int AS ago,
        {{measures}}
    FROM scale
    CROSS JOIN tenant_metrics AS m
    WHERE m."tenantId" = ANY (:keys::uuid[])
        AND m."timestamp" BETWEEN LOCALTIMESTAMP - :period::interval AND LOCALTIMESTAMP
    GROUP BY 1, 2
)
SELECT
    key,
    array_agg(step.latency ORDER BY slot.ago DESC) AS latency_trend,
    array_agg(step.users ORDER BY slot.ago DESC) AS users_trend,
    array_agg(step.exercises ORDER BY slot.ago DESC) AS exercises_trend,
    array_agg(step.uptime ORDER BY slot.ago DESC) AS uptime_trend
FROM scale
CROSS JOIN unnest(:keys::text[]) AS key
CROSS JOIN generate_series(0, ceil(extract(epoch FROM :period::interval) / scale.step)::int - 1) AS slot (ago)
LEFT JOIN step
    ON step."tenantId" = key::uuid AND step.ago = slot.ago
GROUP BY key;
