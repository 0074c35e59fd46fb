-- Gives licenses back the end that they had, where they still are as we left them.

UPDATE licenses AS l
SET
    "expiresAt" = ours.before_expires_at,
    "updatedAt" = LOCALTIMESTAMP
FROM unnest(
    :keys::uuid[],
    :before_expires_at::timestamp[],
    :after_expires_at::timestamp[], :after_updated_at::timestamp[]
) AS ours (
    id,
    before_expires_at,
    after_expires_at, after_updated_at
)
WHERE l.id = ours.id
    AND l."expiresAt" IS NOT DISTINCT FROM ours.after_expires_at
    AND l."updatedAt" IS NOT DISTINCT FROM ours.after_updated_at
RETURNING
    l.id::text AS key,
    ours.after_expires_at::text AS before_expires_at,
    ours.after_updated_at::text AS before_updated_at,
    l."expiresAt"::text AS after_expires_at,
    l."updatedAt"::text AS after_updated_at;
