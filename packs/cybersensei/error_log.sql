-- Single error entries, the newest first: the documented "unresolved critical errors" and more.
--
-- CRITICAL has no time window; the other levels look back :other_levels_back, unless the list is
-- scoped to one tenant, whose entries have an index of their own.

WITH {{causes(
    of => coalesce(split_part(:group::text, '-', 1), :level::text) IN (label::text, 'all'),
    from => CASE WHEN :tenant::uuid IS NOT NULL THEN '-infinity' ELSE {{lookback}} END,
    where => (:state::text <> 'unresolved' OR NOT resolved)
        AND (:state::text <> 'resolved' OR resolved)
        AND :source::text IN (source::text, 'all')
        AND (:tenant::uuid IS NULL OR "tenantId" = :tenant::uuid)
        AND (:search::text IS NULL
            OR strpos(lower(concat_ws(' ', message, endpoint)), lower(:search::text)) > 0)
)}}
SELECT
    CASE WHEN e.resolved THEN 'ok' ELSE {{severity_of_level(level => e.level)}} END AS severity,
    CASE WHEN e.resolved THEN 'resolved' ELSE 'unresolved' END AS reason,
    e.id,
    e."timestamp"::timestamptz AS at,
    e.level::text AS level,
    e.source::text AS source,
    e."tenantId" AS tenant_id,
    -- "tenantId" is optional and has no foreign key.
    coalesce(t.name, 'deleted ' || e."tenantId") AS tenant,
    e.method,
    e.endpoint,
    e."statusCode" AS status_code,
    {{hide_keys(text => left(e.message, 400))}} AS message,
    e.resolved,
    e."resolvedBy" AS resolved_by
FROM cause AS e
LEFT JOIN tenants AS t
    ON t.id = e."tenantId"
WHERE :group::text IS NULL
    OR e.fingerprint = :group::text
ORDER BY e."timestamp" DESC;
