-- Takes notes of licenses back to what they were, where they still are as we left them.

UPDATE licenses AS l
SET
    notes = ours.before_notes,
    "updatedAt" = LOCALTIMESTAMP
FROM unnest(
    :keys::uuid[],
    :before_notes::text[],
    :after_notes::text[], :after_updated_at::timestamp[]
) AS ours (
    id,
    before_notes,
    after_notes, after_updated_at
)
WHERE l.id = ours.id
    AND l.notes IS NOT DISTINCT FROM ours.after_notes
    AND l."updatedAt" IS NOT DISTINCT FROM ours.after_updated_at
RETURNING
    l.id::text AS key,
    ours.after_notes AS before_notes,
    ours.after_updated_at::text AS before_updated_at,
    l.notes AS after_notes,
    l."updatedAt"::text AS after_updated_at;
