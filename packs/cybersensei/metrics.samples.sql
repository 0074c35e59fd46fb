-- The newest samples of one tenant, as they were sent.

SELECT
    m."timestamp"::timestamptz AS at,
    m."activeUsers" AS users,
    m."aiLatency" AS ai_latency,
    m."exercisesCompletedToday" AS exercises,
    m.uptime::bigint * 1000 AS uptime,  -- the column holds seconds, durations are milliseconds
    m.version,
    left(m."additionalData"::text, 400) AS additional_data
FROM tenant_metrics AS m
WHERE m."tenantId" = :key::uuid
    AND m."timestamp" < 'infinity'
ORDER BY m."timestamp" DESC
LIMIT 50;
