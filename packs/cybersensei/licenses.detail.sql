-- One license with its notes and its tenant.

SELECT
    l.id,
    {{mask(key => l.key)}} AS key,
    l.status::text AS status,
    CASE WHEN isfinite(l."expiresAt") THEN l."expiresAt"::timestamptz END AS expires_at,
    l."usageCount" AS usage_count,
    l."maxUsageCount" AS max_usage_count,
    t.name AS tenant,
    t."companyName" AS company_name,
    t."contactEmail" AS contact_email,
    t.active AS tenant_active,
    l.notes,
    l."createdAt"::timestamptz AS created_at,
    l."updatedAt"::timestamptz AS updated_at
FROM licenses AS l
LEFT JOIN tenants AS t
    ON t.id = l."tenantId"
WHERE l.id = :key::uuid;
