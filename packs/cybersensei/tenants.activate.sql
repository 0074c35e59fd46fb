-- Activates tenants that still are as they were seen.

UPDATE tenants AS t
SET
    active = true,
    "updatedAt" = LOCALTIMESTAMP
FROM unnest(
    :keys::uuid[],
    :seen_active::boolean[], :seen_updated_at::timestamp[]
) AS seen (id, active, updated_at)
WHERE t.id = seen.id
    AND NOT t.active
    AND t.active IS NOT DISTINCT FROM seen.active
    AND t."updatedAt" IS NOT DISTINCT FROM seen.updated_at
RETURNING
    t.id::text AS key,
    seen.active::text AS before_active,
    seen.updated_at::text AS before_updated_at,
    t.active::text AS after_active,
    t."updatedAt"::text AS after_updated_at;
