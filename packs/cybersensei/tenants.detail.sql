-- One tenant: the whole record, what became of the key it names, and its last metric.

SELECT
    t.id,
    t.name,
    t."companyName" AS company_name,
    t.active,
    t."contactEmail" AS contact_email,
    t.phone,
    t.address,
    CASE
        WHEN length(t."licenseKey") >= 12 THEN left(t."licenseKey", 4) || '…' || right(t."licenseKey", 4)
        WHEN t."licenseKey" IS NOT NULL THEN '****'
    END AS license_key,
    CASE
        WHEN t."licenseKey" IS NULL THEN 'none'
        WHEN named.id IS NULL THEN 'no license has this key'
        WHEN named."tenantId" IS DISTINCT FROM t.id THEN 'belongs to ' || coalesce(owner.name, 'no tenant')
        ELSE named.status::text
    END AS license_key_state,
    metric."timestamp"::timestamptz AS last_metric_at,
    metric.uptime::bigint * 1000 AS uptime,  -- the column holds seconds, durations are milliseconds
    metric."activeUsers" AS active_users,
    metric."exercisesCompletedToday" AS exercises_today,
    metric."aiLatency" AS ai_latency,
    metric.version,
    t."createdAt"::timestamptz AS created_at,
    t."updatedAt"::timestamptz AS updated_at
FROM tenants AS t
LEFT JOIN licenses AS named
    ON named.key = t."licenseKey"
LEFT JOIN tenants AS owner
    ON owner.id = named."tenantId"
{{last_metric}}
WHERE t.id = :key::uuid;
