-- Revokes licenses that still are as they were seen. Nothing but the application sets "updatedAt",
-- which is the row's version: so we set it too.

UPDATE licenses AS l
SET
    -- Converts the label to the type of the column, whose name differs between databases.
    status = (
        SELECT label
        FROM unnest(enum_range((SELECT status FROM licenses WHERE false))) AS label
        WHERE label::text = 'REVOKED'
    ),
    "updatedAt" = LOCALTIMESTAMP
FROM unnest(
    :keys::uuid[],
    :seen_status::text[], :seen_updated_at::timestamp[]
) AS seen (id, status, updated_at)
WHERE l.id = seen.id
    AND l.status::text IN ('ACTIVE', 'PENDING')
    AND l.status::text IS NOT DISTINCT FROM seen.status
    AND l."updatedAt" IS NOT DISTINCT FROM seen.updated_at
RETURNING
    l.id::text AS key,
    seen.status AS before_status,
    seen.updated_at::text AS before_updated_at,
    l.status::text AS after_status,
    l."updatedAt"::text AS after_updated_at;
