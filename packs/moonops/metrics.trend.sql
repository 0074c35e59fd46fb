-- The lines of the environments on screen: 24 steps over :period, each of ten minutes or more. A step without a sample is a
-- gap.

WITH scale AS (
    SELECT greatest(600, extract(epoch FROM :period::interval) / 24) AS step
),
step AS (
    SELECT
        m.environment_id,
        floor(extract(epoch FROM now() - m.recorded_at) / scale.step)::int AS ago,
        avg(m.value) FILTER (WHERE m.metric = 'cpu') AS cpu,
        avg(m.value) FILTER (WHERE m.metric = 'ram') AS ram,
        avg(m.value) FILTER (WHERE m.metric = 'latency') AS latency
    FROM scale
    CROSS JOIN metrics AS m
    WHERE m.environment_id = ANY (:keys::uuid[])
        AND m.metric IN ('cpu', 'ram', 'latency')
        AND m.recorded_at BETWEEN now() - :period::interval AND now()
        AND {{sound(of => m)}}
        AND {{of_scope(of => m)}}
    GROUP BY 1, 2
)
SELECT
    key,
    array_agg(step.cpu ORDER BY slot.ago DESC) AS cpu_trend,
    array_agg(step.ram ORDER BY slot.ago DESC) AS ram_trend,
    array_agg(step.latency ORDER BY slot.ago DESC) AS latency_trend
FROM scale
CROSS JOIN unnest(:keys::text[]) AS key
CROSS JOIN generate_series(0, ceil(extract(epoch FROM :period::interval) / scale.step)::int - 1) AS slot (ago)
LEFT JOIN step
    ON step.environment_id = key::uuid AND step.ago = slot.ago
GROUP BY key;
