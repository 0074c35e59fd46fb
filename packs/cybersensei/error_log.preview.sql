-- Entries as they are now, before they are resolved or opened again.

SELECT
    e.id::text AS key,
    e.level::text AS level,
    left(e.message, 200) AS message,
    e.resolved::text AS resolved,
    e."resolvedAt"::text AS resolved_at,
    e."resolvedBy" AS resolved_by,
    e."resolutionNotes" AS resolution_notes,
    CASE WHEN e.resolved THEN e."resolvedBy" END AS changed_by,
    CASE WHEN e.resolved THEN e."resolvedAt"::timestamptz::text END AS changed_at
FROM error_logs AS e
WHERE e.id IN (
    -- A key that is not a uuid belongs to no entry.
    SELECT CASE WHEN given.key ~ '^[0-9a-fA-F-]{36}$' THEN given.key::uuid END
    FROM unnest(:keys::text[]) AS given (key)
)
ORDER BY e.id;
