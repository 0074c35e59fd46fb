-- Single error entries, the newest first: the documented "unresolved critical errors" and more.
--
-- CRITICAL has no time window; the other levels look back :other_levels_back, unless the list is
-- scoped to one tenant, whose entries have an index of their own.

WITH {{levels(
    level => {{log_level}} IN (label::text, 'all'),
    since => CASE WHEN :tenant::uuid IS NOT NULL THEN '-infinity' ELSE {{lookback}} END
)}},
entry AS NOT MATERIALIZED (
    -- One level: one value of the column's own type, found before the rows. So the index (level,
    -- "timestamp") has the order of the list, and its first rows come without the others being read
    -- or sorted. ORDER BY stands here too, for a UNION has no order that its parts do not have. Of
    -- the two parts the server plans only the one that is wanted.
    (
        SELECT *
        FROM error_logs
        WHERE {{log_level}} <> 'all'
            AND level = (SELECT label FROM chosen LIMIT 1)
            AND "timestamp" BETWEEN (SELECT since FROM chosen LIMIT 1) AND 'infinity'
            AND {{log_filter}}
        ORDER BY "timestamp" DESC
    )
    UNION ALL
    SELECT e.*
    FROM {{scan(since => chosen.since, which => {{log_filter}})}}
    WHERE {{log_level}} = 'all'
),
cause AS NOT MATERIALIZED (
    SELECT
        e.*,
        {{fingerprint(of => e, by => norm)}} AS fingerprint
    FROM entry AS e
    {{norm}}
)
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
