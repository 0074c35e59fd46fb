-- One tenant's newest sample, whole.

SELECT
    t.name AS tenant,
    t."companyName" AS company,
    metric."timestamp"::timestamptz AS at,
    metric.version,
    metric.uptime::bigint * 1000 AS uptime,  -- the column holds seconds, durations are milliseconds
    metric."activeUsers" AS active_users,
    metric."exercisesCompletedToday" AS exercises_today,
    metric."aiLatency" AS ai_latency,
    metric."additionalData" AS additional_data
FROM tenants AS t
{{last_metric}}
WHERE t.id = :key::uuid;
