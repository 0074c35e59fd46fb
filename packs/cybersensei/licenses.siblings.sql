-- The other licenses of the same tenant.

SELECT
    {{mask(key => l.key)}} AS key,
    l.status::text AS status,
    CASE WHEN isfinite(l."expiresAt") THEN l."expiresAt"::timestamptz END AS expires_at,
    l."usageCount" AS usage_count,
    l."maxUsageCount" AS max_usage_count
FROM licenses AS this
JOIN licenses AS l
    ON l."tenantId" = this."tenantId" AND l.id <> this.id
WHERE this.id = :key::uuid
ORDER BY l."expiresAt" NULLS LAST;
