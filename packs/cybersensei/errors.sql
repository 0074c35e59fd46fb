-- Open errors grouped by cause, one row per fingerprint.
--
-- CRITICAL has no time window; the other levels look back :other_levels_back. A cause is "new"
-- while its first open entry is younger than :new_for, "regressed" when an open entry is newer
-- than the resolution of an entry of the same cause, else "ongoing".

WITH chosen AS MATERIALIZED (
    -- Comparing the column with a label that the enum type lacks is an error, and comparing the
    -- column's text does not use the index. So the labels are read from the type of the column.
    -- The name of the type, which differs between databases, is not needed for that.
    SELECT
        label,
        CASE
            WHEN label::text = 'CRITICAL' THEN '-infinity'
            ELSE LOCALTIMESTAMP - :other_levels_back::interval
        END AS since
    FROM unnest(enum_range((SELECT level FROM error_logs WHERE false))) AS label
    WHERE :level::text IN (label::text, 'all')
),
open_entry AS MATERIALIZED (
    -- Two things make the planner use the index (level, "timestamp"); else it reads the whole
    -- table. OFFSET 0 makes it scan once per level. BETWEEN .. AND 'infinity' makes it expect few
    -- rows: for a range with one end it expects a third of the table, for two ends far less.
    SELECT e.*
    FROM chosen
    CROSS JOIN LATERAL (
        SELECT level, source, method, endpoint, "statusCode", message, stack, "tenantId", "timestamp", "resolvedAt"
        FROM error_logs
        WHERE level = chosen.label
            AND "timestamp" BETWEEN chosen.since AND 'infinity'
            AND NOT resolved
            AND :source::text IN (source::text, 'all')
        OFFSET 0
    ) AS e
),
resolved_entry AS MATERIALIZED (
    -- Read only as far as it is looked into.
    SELECT e.*
    FROM chosen
    CROSS JOIN LATERAL (
        SELECT level, source, method, endpoint, "statusCode", message, stack, "tenantId", "timestamp", "resolvedAt"
        FROM error_logs
        WHERE level = chosen.label
            AND "timestamp" BETWEEN LOCALTIMESTAMP - :regressed_within::interval AND 'infinity'
            AND resolved
            AND :source::text IN (source::text, 'all')
        OFFSET 0
    ) AS e
),
entry AS NOT MATERIALIZED (
    -- A query for one of the two kinds does not read the other.
    SELECT *, false AS resolved FROM open_entry
    UNION ALL
    SELECT *, true FROM resolved_entry
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
),
open_group AS (
    SELECT
        level,
        source,
        method,
        route,
        "statusCode",
        frame,
        pattern,
        count(*) AS events,
        count(DISTINCT "tenantId") AS tenants,
        min("timestamp") AS first_at,
        max("timestamp") AS last_at
    FROM normal
    WHERE NOT resolved
    GROUP BY pattern, route, frame, method, "statusCode", level, source
    HAVING :search::text IS NULL
        OR bool_or(strpos(lower(concat_ws(' ', message, endpoint)), lower(:search::text)) > 0)
),
open_cause AS (
    -- Once per group: it is the same for all entries of one.
    SELECT
        *,
        level::text || '-' || md5(ROW(source, method, route, "statusCode", pattern, frame)::text) AS fingerprint
    FROM open_group
)
SELECT
    CASE g.level::text
        WHEN 'CRITICAL' THEN 'crit'
        WHEN 'ERROR' THEN 'warn'
        WHEN 'WARNING' THEN 'warn'
        WHEN 'INFO' THEN 'ok'
        ELSE 'unknown'
    END AS severity,
    concat_ws(', ',
        format('%s event%s', g.events, CASE WHEN g.events > 1 THEN 's' END),
        CASE
            WHEN g.tenants = 1 THEN '1 tenant'
            WHEN g.tenants > 1 THEN g.tenants || ' tenants'
        END,
        NULLIF(state.name, 'ongoing')) AS why,
    g.fingerprint,
    g.level::text AS level,
    state.name AS state,
    g.source::text AS source,
    g.events,
    g.tenants,
    g.first_at::timestamptz AS first_at,
    g.last_at::timestamptz AS last_at,
    g.pattern AS message,
    g.method,
    g.route AS endpoint,
    g."statusCode" AS status_code
FROM open_cause AS g
LEFT JOIN LATERAL (
    -- The first conditions are cheap and leave few entries to fingerprint.
    SELECT true AS found
    FROM cause AS c
    WHERE c.resolved
        AND c.level = g.level
        AND c.source = g.source
        AND c."statusCode" IS NOT DISTINCT FROM g."statusCode"
        AND starts_with(c.message, split_part(g.pattern, '#', 1))
        AND c."resolvedAt" < g.last_at
        AND c.fingerprint = g.fingerprint
    LIMIT 1
) AS resolved_before ON true
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN resolved_before.found THEN 'regressed'
        WHEN g.first_at > LOCALTIMESTAMP - :new_for::interval THEN 'new'
        ELSE 'ongoing'
    END AS name
) AS state
ORDER BY g.last_at DESC;
