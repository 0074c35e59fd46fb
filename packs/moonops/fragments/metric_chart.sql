-- What one environment measured over time: sixty steps over the window, each of five minutes or more; a step without a
-- sample is a gap.
WITH scale AS (
    SELECT greatest(300, extract(epoch FROM :window::interval) / 60) AS step
),
step AS (
    SELECT
        floor(extract(epoch FROM m.recorded_at) / scale.step)::bigint AS slot,
        m.metric,
        avg(m.value) AS average
    FROM scale
    CROSS JOIN metrics AS m
    WHERE m.environment_id = :key::uuid
        AND m.metric = ANY ({{metrics}})
        AND m.recorded_at BETWEEN now() - :window::interval AND now()
        AND {{sound(of => m)}}
        AND {{of_scope(of => m)}}
    GROUP BY 1, 2
)
SELECT
    {{slot_time}},
    step.average AS value,
    series.metric AS series
FROM {{slots}}
CROSS JOIN unnest({{metrics}}) AS series (metric)
LEFT JOIN step
    ON step.slot = slot.n AND step.metric = series.metric
ORDER BY series.metric, "time"
