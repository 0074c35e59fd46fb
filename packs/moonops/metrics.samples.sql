-- The newest samples of one environment, the three of one moment side by side.

SELECT
    m.recorded_at,
    max(m.value) FILTER (WHERE m.metric = 'cpu') AS cpu,
    max(m.value) FILTER (WHERE m.metric = 'ram') AS ram,
    max(m.value) FILTER (WHERE m.metric = 'latency') AS latency
FROM metrics AS m
WHERE m.environment_id = :key::uuid
    AND m.recorded_at > now() - interval '1 day'
    AND {{of_scope(of => m)}}
GROUP BY m.recorded_at
ORDER BY m.recorded_at DESC
LIMIT 20;
