-- Resolves entries that still are as they were seen. These four columns are a row's version: the
-- table has no "updatedAt".

UPDATE error_logs AS e
SET
    resolved = true,
    "resolvedAt" = LOCALTIMESTAMP,
    "resolvedBy" = :operator::text,
    "resolutionNotes" = :note::text
FROM unnest(
    :keys::uuid[],
    :seen_resolved::boolean[], :seen_resolved_at::timestamp[], :seen_resolved_by::text[], :seen_resolution_notes::text[]
) AS seen (id, resolved, resolved_at, resolved_by, resolution_notes)
WHERE e.id = seen.id
    AND NOT e.resolved
    AND e.resolved IS NOT DISTINCT FROM seen.resolved
    AND e."resolvedAt" IS NOT DISTINCT FROM seen.resolved_at
    AND e."resolvedBy" IS NOT DISTINCT FROM seen.resolved_by
    AND e."resolutionNotes" IS NOT DISTINCT FROM seen.resolution_notes
RETURNING
    e.id::text AS key,
    seen.resolved::text AS before_resolved,
    seen.resolved_at::text AS before_resolved_at,
    seen.resolved_by AS before_resolved_by,
    seen.resolution_notes AS before_resolution_notes,
    e.resolved::text AS after_resolved,
    e."resolvedAt"::text AS after_resolved_at,
    e."resolvedBy" AS after_resolved_by,
    e."resolutionNotes" AS after_resolution_notes;
