-- The licenses of one tenant, the one that lasts longest first.
\set key '(SELECT id::text FROM tenants ORDER BY name LIMIT 1)'

SELECT
    CASE WHEN length(l.key) >= 12 THEN left(l.key, 4) || '…' || right(l.key, 4) ELSE '****' END AS key,
    l.status::text AS status,
    CASE WHEN isfinite(l."expiresAt") THEN l."expiresAt"::timestamptz END AS expires_at,
    l."usageCount" AS usage_count,
    l."maxUsageCount" AS max_usage_count
FROM licenses AS l
WHERE l."tenantId" = :key::uuid
ORDER BY l."expiresAt" DESC NULLS FIRST;
