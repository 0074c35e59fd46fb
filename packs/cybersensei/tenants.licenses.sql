-- The licenses of one tenant, the one that lasts longest first.

SELECT
    {{mask(key => l.key)}} AS key,
    l.status::text AS status,
    CASE WHEN isfinite(l."expiresAt") THEN l."expiresAt"::timestamptz END AS expires_at,
    l."usageCount" AS usage_count,
    l."maxUsageCount" AS max_usage_count
FROM licenses AS l
WHERE l."tenantId" = :key::uuid
ORDER BY l."expiresAt" DESC NULLS FIRST;
