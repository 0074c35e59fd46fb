-- Licenses, the next to expire first.
--
-- The documented "expiring soon" query has no lower bound and so begins with what expired long
-- ago. Here that is a finding of its own: nothing sets ACTIVE to EXPIRED when a license ends.

SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS why,
    l.id,
    {{mask(key => l.key)}} AS key,
    l."tenantId" AS tenant_id,
    coalesce(t.name, 'no tenant') AS tenant,
    l.status::text AS status,
    CASE WHEN isfinite(l."expiresAt") THEN l."expiresAt"::timestamptz END AS expires_at,
    l."usageCount" AS usage_count,
    l."maxUsageCount" AS max_usage_count,
    coalesce(l.notes, '') <> '' AS has_notes,
    t."contactEmail" AS contact_email
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
                'belongs to no tenant'
            WHEN holder.id <> t.id THEN
                'its key is in the record of ' || holder.name
            WHEN t."licenseKey" IS NOT NULL AND named.id IS NULL THEN
                'its tenant''s record names a key that no license has'
            WHEN holder.id = t.id AND l.status::text = 'REVOKED' THEN
                'REVOKED, yet named in its tenant''s record'
        END AS mismatch,
        -- Only for finite times: subtracting from infinity is an error before PostgreSQL 17.
        CASE WHEN isfinite(l."expiresAt")
            THEN abs(extract(epoch FROM l."expiresAt" - LOCALTIMESTAMP)::bigint)
        END AS seconds_apart
) AS fact
CROSS JOIN LATERAL (
    -- In the words that the screen uses for ages.
    SELECT CASE
        WHEN fact.seconds_apart < 60 THEN fact.seconds_apart || 's'
        WHEN fact.seconds_apart < 3600 THEN fact.seconds_apart / 60 || 'm'
        WHEN fact.seconds_apart < 86400 THEN fact.seconds_apart / 3600 || 'h'
        ELSE fact.seconds_apart / 86400 || 'd'
    END AS left_or_ago
) AS short
CROSS JOIN LATERAL (
    -- The first that applies, worst first, as {severity, why}.
    SELECT CASE
        WHEN l.status::text = 'ACTIVE' AND fact.expired THEN
            ARRAY['crit', 'ACTIVE but expired' || coalesce(' ' || short.left_or_ago || ' ago', '')]
        WHEN l.status::text = 'ACTIVE' AND fact.used_up THEN
            ARRAY['crit', format('used %s of %s', l."usageCount", l."maxUsageCount")]
        WHEN l.status::text = 'ACTIVE' AND l."expiresAt" <= LOCALTIMESTAMP + :urgent_within::interval THEN
            ARRAY['crit', 'expires in ' || short.left_or_ago]
        WHEN l.status::text = 'ACTIVE' AND l."expiresAt" <= LOCALTIMESTAMP + :expiring_within::interval THEN
            ARRAY['warn', 'expires in ' || short.left_or_ago]
        WHEN l.status::text = 'ACTIVE' AND l."usageCount" * 100.0 >= l."maxUsageCount" * :usage_percent::numeric THEN
            ARRAY['warn', format('used %s of %s', l."usageCount", l."maxUsageCount")]
        WHEN fact.mismatch IS NOT NULL THEN
            ARRAY['warn', fact.mismatch]
        WHEN l.status::text = 'PENDING' AND fact.expired THEN
            ARRAY['warn', 'PENDING but expired' || coalesce(' ' || short.left_or_ago || ' ago', '')]
        WHEN l.status::text = 'EXPIRED' AND NOT fact.expired THEN
            ARRAY['warn', 'EXPIRED but ' || coalesce(short.left_or_ago || ' left', 'perpetual')]
        WHEN l.status::text IN ('ACTIVE', 'PENDING', 'EXPIRED', 'REVOKED') THEN
            ARRAY['ok', NULLIF(l.status::text, 'ACTIVE')]
        ELSE
            ARRAY['unknown', format('status %s is not documented', l.status)]
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
