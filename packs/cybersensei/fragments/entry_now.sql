-- What an action of an entry shows and compares. Its last four columns are a row's version: the table
-- has no "updatedAt".
e.level::text AS level,
    {{hide_keys(text => left(e.message, 200))}} AS message,
    e.resolved::text AS resolved,
    e."resolvedAt"::text AS resolved_at,
    e."resolvedBy" AS resolved_by,
    e."resolutionNotes" AS resolution_notes,
    CASE WHEN e.resolved THEN e."resolvedBy" END AS changed_by,
    CASE WHEN e.resolved THEN e."resolvedAt"::timestamptz::text END AS changed_at
