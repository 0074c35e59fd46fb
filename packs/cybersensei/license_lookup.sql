-- The licenses that a question is about, an exact key first. A license is usable while nothing
-- speaks against it: every reason is listed, not only the first.

WITH question AS (
    SELECT
        btrim(:search::text) AS asked,
        lower(btrim(:search::text)) AS part
)
SELECT
    CASE
        WHEN cardinality(verdict.reasons) > 0 THEN 'crit'
        WHEN l."expiresAt" <= LOCALTIMESTAMP + :expiring_within::interval THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE
        WHEN cardinality(verdict.reasons) > 0 THEN 'unusable'
        WHEN l."expiresAt" <= LOCALTIMESTAMP + :expiring_within::interval THEN 'expires'
    END AS reason,
    array_to_string(verdict.reasons, ', ') AS why,
    l.id,
    shown.key,
    l.key = question.asked AS exact,
    cardinality(verdict.reasons) = 0 AS usable,
    verdict.reasons,
    l."tenantId" AS tenant_id,
    t.name AS tenant,
    t."companyName" AS company_name,
    t."contactEmail" AS contact_email,
    l.status::text AS status,
    CASE WHEN isfinite(l."expiresAt") THEN l."expiresAt"::timestamptz END AS expires_at,
    l."usageCount" AS usage_count,
    l."maxUsageCount" AS max_usage_count
FROM question
CROSS JOIN licenses AS l
LEFT JOIN tenants AS t
    ON t.id = l."tenantId"
CROSS JOIN LATERAL (SELECT {{mask(key => l.key)}} AS key) AS shown
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN l.status::text <> 'ACTIVE' THEN 'status is ' || l.status END,
        CASE WHEN l."expiresAt" <= LOCALTIMESTAMP THEN 'expired' || coalesce(' on ' || nullif(l."expiresAt", '-infinity')::date, '') END,
        CASE WHEN l."usageCount" >= l."maxUsageCount"
            THEN format('used %s of %s', l."usageCount", l."maxUsageCount")
        END,
        CASE WHEN t.id IS NULL THEN 'belongs to no tenant' END,
        CASE WHEN NOT t.active THEN 'its tenant is inactive' END
    ], NULL) AS reasons
) AS verdict
WHERE l.key = question.asked
    OR shown.key = question.asked AND shown.key <> '****'
    -- Fewer than four characters would match most of the table.
    OR length(question.part) >= 4
        AND strpos(lower(concat_ws(' ', l.key, t.name, t."companyName", t."contactEmail")), question.part) > 0
ORDER BY exact DESC, t.name, l."expiresAt" DESC NULLS FIRST;
