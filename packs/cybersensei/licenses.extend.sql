-- Sets when licenses end, where they still are as they were seen.

UPDATE licenses AS l
SET
    "expiresAt" = :until::timestamp,
    "updatedAt" = LOCALTIMESTAMP
FROM unnest(
    :keys::uuid[],
    :seen_expires_at::timestamp[], :seen_updated_at::timestamp[]
) AS seen (id, expires_at, updated_at)
WHERE l.id = seen.id
    AND l."expiresAt" IS NOT DISTINCT FROM seen.expires_at
    AND l."updatedAt" IS NOT DISTINCT FROM seen.updated_at
RETURNING
    l.id::text AS key,
    seen.expires_at::text AS before_expires_at,
    seen.updated_at::text AS before_updated_at,
    l."expiresAt"::text AS after_expires_at,
    l."updatedAt"::text AS after_updated_at;
