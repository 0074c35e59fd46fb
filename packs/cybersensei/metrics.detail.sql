-- One tenant's newest sample, whole.

SELECT
    t.name AS tenant,
    t."companyName" AS company,
    m."timestamp"::timestamptz AS at,
    m.version,
    m.uptime::bigint * 1000 AS uptime,  -- the column holds seconds, durations are milliseconds
    m."activeUsers" AS active_users,
    m."exercisesCompletedToday" AS exercises_today,
    m."aiLatency" AS ai_latency,
    m."additionalData" AS additional_data
FROM tenants AS t
LEFT JOIN LATERAL (
    SELECT *
    FROM tenant_metrics
    WHERE "tenantId" = t.id
        AND "timestamp" < 'infinity'
    ORDER BY "timestamp" DESC
    LIMIT 1
) AS m ON true
WHERE t.id = :key::uuid;
