-- Single error entries, the newest first: the documented "unresolved critical errors" and more.
--
-- CRITICAL has no time window; the other levels look back :other_levels_back, unless the list is
-- scoped to one tenant, whose entries have an index of their own.

WITH chosen AS MATERIALIZED (
    -- For the labels see errors.sql. A group's fingerprint begins with its level, which then
    -- overrules the facet.
    SELECT
        label,
        CASE
            WHEN label::text = 'CRITICAL' OR :tenant::uuid IS NOT NULL THEN '-infinity'
            ELSE LOCALTIMESTAMP - :other_levels_back::interval
        END AS since
    FROM unnest(enum_range((SELECT level FROM error_logs WHERE false))) AS label
    WHERE coalesce(split_part(:group::text, '-', 1), :level::text) IN (label::text, 'all')
),
entry AS NOT MATERIALIZED (
    -- BETWEEN and OFFSET 0 keep the planner on an index, see errors.sql.
    SELECT e.*
    FROM chosen
    CROSS JOIN LATERAL (
        SELECT *
        FROM error_logs
        WHERE level = chosen.label
            AND "timestamp" BETWEEN chosen.since AND 'infinity'
            AND (:state::text <> 'unresolved' OR NOT resolved)
            AND (:state::text <> 'resolved' OR resolved)
            AND :source::text IN (source::text, 'all')
            AND (:tenant::uuid IS NULL OR "tenantId" = :tenant::uuid)
            AND (:search::text IS NULL
                OR strpos(lower(concat_ws(' ', message, endpoint)), lower(:search::text)) > 0)
        OFFSET 0
    ) AS e
),
-- The fingerprint. These lines, down to "AS fingerprint", are the same in every file that groups
-- errors. Quoted strings, words with a digit or an @ and long hex words become '#', ids in the
-- endpoint become ':id' (/v1/ stays), and the top frame of the stack loses its line number. The
-- fingerprint is the slowest part of such a query. So it is NOT MATERIALIZED: it is computed only
-- for entries that pass the query's other conditions. A second expression for hex words takes a
-- third less time than one expression for all, and the frame is cut out without any expression.
normal AS NOT MATERIALIZED (
    SELECT
        e.*,
        norm.message AS pattern,
        norm.endpoint AS route,
        norm.frame
    FROM entry AS e
    CROSS JOIN LATERAL (
        SELECT
            left(regexp_replace(regexp_replace(left(e.message, 1500),
                '(?<!\w)''[^'']*''|"[^"]*"|[\w.+-]*[\d@](?:[\w.,:@-]*\w)?', '#', 'g'),
                '[a-fA-F]{8,}', '#', 'g'), 300) AS message,
            regexp_replace(split_part(e.endpoint, '?', 1),
                '/(?!v\d+(?:/|$))[^/]*[\d@][^/]*', '/:id', 'g') AS endpoint,
            rtrim(split_part(split_part(e.stack, E'\n    at ', 2), E'\n', 1), '0123456789:)') AS frame
        OFFSET 0  -- so that each expression is computed once, not once per use
    ) AS norm
),
cause AS NOT MATERIALIZED (
    SELECT
        *,
        level::text || '-' || md5(ROW(source, method, route, "statusCode", pattern, frame)::text) AS fingerprint
    FROM normal
)
SELECT
    CASE
        WHEN e.resolved THEN 'ok'
        ELSE CASE e.level::text
                WHEN 'CRITICAL' THEN 'crit'
                WHEN 'ERROR' THEN 'warn'
                WHEN 'WARNING' THEN 'warn'
                WHEN 'INFO' THEN 'ok'
                ELSE 'unknown'
            END
    END AS severity,
    CASE
        WHEN e.resolved THEN 'resolved' || coalesce(' by ' || e."resolvedBy", '')
        ELSE 'unresolved ' || e.level
    END AS why,
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
    left(e.message, 400) AS message,
    e.resolved
FROM cause AS e
LEFT JOIN tenants AS t
    ON t.id = e."tenantId"
WHERE :group::text IS NULL
    OR e.fingerprint = :group::text
ORDER BY e."timestamp" DESC;
