-- Appends a note with its day and author to licenses that still are as they were seen.

UPDATE licenses AS l
SET
    notes = concat_ws(E'\n', NULLIF(l.notes, ''),
        to_char(LOCALTIMESTAMP, 'YYYY-MM-DD') || ' ' || :operator::text || ': ' || :note::text),
    "updatedAt" = LOCALTIMESTAMP
FROM unnest(
    :keys::uuid[],
    :seen_notes::text[], :seen_updated_at::timestamp[]
) AS seen (id, notes, updated_at)
WHERE l.id = seen.id
    AND l.notes IS NOT DISTINCT FROM seen.notes
    AND l."updatedAt" IS NOT DISTINCT FROM seen.updated_at
RETURNING
    l.id::text AS key,
    seen.notes AS before_notes,
    seen.updated_at::text AS before_updated_at,
    l.notes AS after_notes,
    l."updatedAt"::text AS after_updated_at;
