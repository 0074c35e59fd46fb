-- The other licenses of the same tenant.
\set key '(SELECT id::text FROM licenses ORDER BY key LIMIT 1)'

SELECT
    CASE WHEN length(l.key) >= 12 THEN left(l.key, 4) || '…' || right(l.key, 4) ELSE '****' END AS key,
    l.status::text AS status,
    CASE WHEN isfinite(l."expiresAt") THEN l."expiresAt"::timestamptz END AS expires_at,
    l."usageCount" AS usage_count,
    l."maxUsageCount" AS max_usage_count
FROM licenses AS this
JOIN licenses AS l
    ON l."tenantId" = this."tenantId" AND l.id <> this.id
WHERE this.id = :key::uuid
ORDER BY l."expiresAt" NULLS LAST;
