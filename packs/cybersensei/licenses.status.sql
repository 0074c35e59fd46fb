-- Gives licenses back the status that they had, where they still are as we left them.

UPDATE licenses AS l
SET
    -- Converts the label to the type of the column, whose name differs between databases.
    status = (
        SELECT label
        FROM unnest(enum_range((SELECT status FROM licenses WHERE false))) AS label
        WHERE label::text = ours.before_status
    ),
    "updatedAt" = LOCALTIMESTAMP
FROM unnest(
    :keys::uuid[],
    :before_status::text[],
    :after_status::text[], :after_updated_at::timestamp[]
) AS ours (
    id,
    before_status,
    after_status, after_updated_at
)
WHERE l.id = ours.id
    AND l.status::text IS NOT DISTINCT FROM ours.after_status
    AND l."updatedAt" IS NOT DISTINCT FROM ours.after_updated_at
RETURNING
    l.id::text AS key,
    ours.after_status AS before_status,
    ours.after_updated_at::text AS before_updated_at,
    l.status::text AS after_status,
    l."updatedAt"::text AS after_updated_at;
