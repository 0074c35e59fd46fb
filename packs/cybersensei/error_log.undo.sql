-- Gives entries back what they had before they were resolved or opened again, where they still are
-- as we left them.

UPDATE error_logs AS e
SET
    resolved = ours.before_resolved,
    "resolvedAt" = ours.before_resolved_at,
    "resolvedBy" = ours.before_resolved_by,
    "resolutionNotes" = ours.before_resolution_notes
FROM unnest(
    :keys::uuid[],
    :before_resolved::boolean[], :before_resolved_at::timestamp[], :before_resolved_by::text[], :before_resolution_notes::text[],
    :after_resolved::boolean[], :after_resolved_at::timestamp[], :after_resolved_by::text[], :after_resolution_notes::text[]
) AS ours (
    id,
    before_resolved, before_resolved_at, before_resolved_by, before_resolution_notes,
    after_resolved, after_resolved_at, after_resolved_by, after_resolution_notes
)
WHERE e.id = ours.id
    AND e.resolved IS NOT DISTINCT FROM ours.after_resolved
    AND e."resolvedAt" IS NOT DISTINCT FROM ours.after_resolved_at
    AND e."resolvedBy" IS NOT DISTINCT FROM ours.after_resolved_by
    AND e."resolutionNotes" IS NOT DISTINCT FROM ours.after_resolution_notes
RETURNING
    e.id::text AS key,
    ours.after_resolved::text AS before_resolved,
    ours.after_resolved_at::text AS before_resolved_at,
    ours.after_resolved_by AS before_resolved_by,
    ours.after_resolution_notes AS before_resolution_notes,
    e.resolved::text AS after_resolved,
    e."resolvedAt"::text AS after_resolved_at,
    e."resolvedBy" AS after_resolved_by,
    e."resolutionNotes" AS after_resolution_notes;
