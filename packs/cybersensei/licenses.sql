-- Licenses, the next to expire first.
--
-- The documented "expiring soon" query has no lower bound and so begins with what expired long
-- ago. Here that is a finding of its own: nothing sets ACTIVE to EXPIRED when a license ends.

SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    l.id,
    {{mask(key => l.key)}} AS key,
    l."tenantId" AS tenant_id,
    coalesce(t.name, 'no tenant') AS tenant,
    l.status::text AS status,
    CASE WHEN isfinite(l."expiresAt") THEN l."expiresAt"::timestamptz END AS expires_at,
    l."usageCount" AS usage_count,
    l."maxUsageCount" AS max_usage_count,
    coalesce(l.notes, '') <> '' AS has_notes,
    t."contactEmail" AS contact_email,
    holder.name AS holder
FROM licenses AS l
LEFT JOIN tenants AS t
    ON t.id = l."tenantId"
LEFT JOIN tenants AS holder  -- the tenant whose record names this key
    ON holder."licenseKey" = l.key
LEFT JOIN licenses AS named  -- the license that this tenant's record names
    ON named.key = t."licenseKey"
CROSS JOIN LATERAL (
    SELECT
        coalesce(l."expiresAt" <= LOCALTIMESTAMP, false) AS expired,
        coalesce(l."usageCount" >= l."maxUsageCount", false) AS used_up,
        -- tenants."licenseKey" repeats licenses.key, and nothing keeps the two together.
        CASE
            WHEN t.id IS NULL THEN
                'no_tenant'
            WHEN holder.id <> t.id THEN
                'named_elsewhere'
            WHEN t."licenseKey" IS NOT NULL AND named.id IS NULL THEN
                'tenant_names_unknown_key'
            WHEN holder.id = t.id AND l.status::text = 'REVOKED' THEN
                'revoked_but_named'
        END AS mismatch
) AS fact
LEFT JOIN (
    VALUES ('PENDING', 'pending'), ('EXPIRED', 'expired_status'), ('REVOKED', 'revoked')
) AS status (name, reason)
    ON status.name = l.status::text
CROSS JOIN LATERAL (
    -- The first that applies, worst first, as {severity, reason}.
    SELECT CASE
        WHEN l.status::text = 'ACTIVE' AND fact.expired THEN ARRAY['crit', 'expired']
        WHEN l.status::text = 'ACTIVE' AND fact.used_up THEN ARRAY['crit', 'used_up']
        WHEN l.status::text = 'ACTIVE' AND l."expiresAt" <= LOCALTIMESTAMP + :urgent_within::interval THEN
            ARRAY['crit', 'expires_soon']
        WHEN l.status::text = 'ACTIVE' AND l."expiresAt" <= LOCALTIMESTAMP + :expiring_within::interval THEN
            ARRAY['warn', 'expires']
        WHEN l.status::text = 'ACTIVE' AND l."usageCount" * 100.0 >= l."maxUsageCount" * :usage_percent::numeric THEN
            ARRAY['warn', 'nearly_used']
        WHEN l.status::text = 'EXPIRED' AND NOT fact.expired THEN
            ARRAY['warn', CASE WHEN isfinite(l."expiresAt") THEN 'ended_early' ELSE 'ended_perpetual' END]
        -- Done with, unless somebody's record still names it.
        WHEN l.status::text IN ('EXPIRED', 'REVOKED') AND holder.id IS NULL THEN ARRAY['off', status.reason]
        WHEN fact.mismatch IS NOT NULL THEN ARRAY['warn', fact.mismatch]
        WHEN l.status::text = 'PENDING' AND fact.expired THEN ARRAY['warn', 'pending_expired']
        WHEN l.status::text IN ('EXPIRED', 'REVOKED') THEN ARRAY['off', status.reason]
        WHEN l.status::text = 'PENDING' THEN ARRAY['ok', status.reason]
        WHEN l.status::text = 'ACTIVE' THEN ARRAY['ok', NULL]
        ELSE ARRAY['unknown', 'undocumented']
    END AS found
) AS verdict
WHERE (:tenant::uuid IS NULL OR l."tenantId" = :tenant::uuid)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', t.name, t."companyName", t."contactEmail", l.key)), lower(:search::text)) > 0)
    AND CASE :preset::text
        WHEN 'expiring' THEN
            l.status::text = 'ACTIVE' AND NOT fact.expired
            AND l."expiresAt" <= LOCALTIMESTAMP + :expiring_within::interval
        WHEN 'ACTIVE but expired' THEN l.status::text = 'ACTIVE' AND fact.expired
        WHEN 'over quota' THEN fact.used_up
        WHEN 'mismatch' THEN fact.mismatch IS NOT NULL
        WHEN 'all' THEN true
        ELSE
            -- "within" so many days, or a status.
            CASE WHEN :preset::text LIKE 'within %'
                THEN l.status::text = 'ACTIVE' AND NOT fact.expired
                    AND l."expiresAt" <= LOCALTIMESTAMP + substring(:preset::text FROM 'within (.*)')::interval
                ELSE l.status::text = :preset::text
            END
    END
ORDER BY l."expiresAt" NULLS LAST, t.name;
