-- Gives tenants back the state that they had, where they still are as we left them.

UPDATE tenants AS t
SET
    active = ours.before_active,
    "updatedAt" = LOCALTIMESTAMP
FROM unnest(
    :keys::uuid[],
    :before_active::boolean[],
    :after_active::boolean[], :after_updated_at::timestamp[]
) AS ours (
    id,
    before_active,
    after_active, after_updated_at
)
WHERE t.id = ours.id
    AND t.active IS NOT DISTINCT FROM ours.after_active
    AND t."updatedAt" IS NOT DISTINCT FROM ours.after_updated_at
RETURNING
    t.id::text AS key,
    ours.after_active::text AS before_active,
    ours.after_updated_at::text AS before_updated_at,
    t.active::text AS after_active,
    t."updatedAt"::text AS after_updated_at;
