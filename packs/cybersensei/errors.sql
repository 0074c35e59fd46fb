-- Open errors grouped by cause, one row per fingerprint.
--
-- CRITICAL has no time window; the other levels look back :other_levels_back. A cause is "new"
-- while its first open entry is younger than :new_for, "regressed" when an open entry is newer
-- than the resolution of an entry of the same cause, else "ongoing".
\set level '\'CRITICAL\''
\set source '\'all\''
\set search NULL
\set new_for '\'24 hours\''
\set other_levels_back '\'7 days\''
\set regressed_within '\'7 days\''

WITH chosen AS MATERIALIZED (
    -- A label that the server's enum lacks is an error when compared with the column, and
    -- comparing the column's text loses the index. So the labels come from the column's own
    -- type, which is not even named here.
    SELECT
        label,
        CASE
            WHEN label::text = 'CRITICAL' THEN '-infinity'
            ELSE LOCALTIMESTAMP - :other_levels_back::interval
        END AS since
    FROM unnest(enum_range((SELECT level FROM error_logs WHERE false))) AS label
    WHERE :level::text IN (label::text, 'all')
),
entry AS MATERIALIZED (
    -- Two things keep the planner on the index (level, "timestamp"), where it would else read the
    -- whole table. OFFSET 0 makes it scan once per level. And AND 'infinity' is not as idle as it
    -- looks: of a range with two unknown ends it expects little, of one with a single end a third.
    SELECT e.*
    FROM chosen
    CROSS JOIN LATERAL (
        SELECT
            level, source, method, endpoint, "statusCode", message, stack, "tenantId", "timestamp",
            resolved, "resolvedAt"
        FROM error_logs
        WHERE level = chosen.label
            AND "timestamp" BETWEEN chosen.since AND 'infinity'
            AND NOT resolved
            AND :source::text IN (source::text, 'all')
        OFFSET 0
    ) AS e
    UNION ALL
    SELECT e.*
    FROM chosen
    CROSS JOIN LATERAL (
        SELECT
            level, source, method, endpoint, "statusCode", message, stack, "tenantId", "timestamp",
            resolved, "resolvedAt"
        FROM error_logs
        WHERE level = chosen.label
            AND "timestamp" BETWEEN LOCALTIMESTAMP - :regressed_within::interval AND 'infinity'
            AND resolved
            AND :source::text IN (source::text, 'all')
        OFFSET 0
    ) AS e
),
-- The fingerprint. These lines, down to "norm", are the same in every file that groups errors.
-- Quoted strings, mail addresses and words with a digit become '#', ids in the endpoint ':id'
-- (/v1/ stays), and the top frame of the stack loses its line number. NOT MATERIALIZED, so that
-- only entries which pass a query's other conditions pay for it.
cause AS NOT MATERIALIZED (
    SELECT
        e.*,
        norm.message AS pattern,
        norm.endpoint AS route,
        e.level::text || '-' || md5(ROW(e.source, e.method, norm.endpoint, e."statusCode",
                                        norm.message, norm.frame)::text) AS fingerprint
    FROM entry AS e
    CROSS JOIN LATERAL (
        SELECT
            left(regexp_replace(left(e.message, 1500),
                '(?<!\w)''[^'']*''|"[^"]*"|[\w.+-]+@[\w.-]*\w|[a-fA-F]{8,}|[\w-]*\d([\w.,:@-]*\w)?',
                '#', 'g'), 300) AS message,
            regexp_replace(split_part(e.endpoint, '?', 1),
                '/(?!v\d+(/|$))[^/]*[\d@][^/]*', '/:id', 'g') AS endpoint,
            regexp_replace(substring(left(e.stack, 1000) FROM '\n\s*at ([^\n]*)'),
                ':\d+', '', 'g') AS frame
        OFFSET 0  -- evaluates each once, not once per use
    ) AS norm
),
open_cause AS (
    SELECT
        fingerprint,
        min(level::text) AS level,
        min(source::text) AS source,
        min(method) AS method,
        min(route) AS route,
        min("statusCode") AS status_code,
        min(pattern) AS pattern,
        count(*) AS events,
        count(DISTINCT "tenantId") AS tenants,
        min("timestamp") AS first_at,
        max("timestamp") AS last_at
    FROM cause
    WHERE NOT resolved
    GROUP BY fingerprint
    HAVING :search::text IS NULL
        OR bool_or(strpos(lower(concat_ws(' ', message, endpoint)), lower(:search::text)) > 0)
)
SELECT
    CASE g.level
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
    g.level,
    state.name AS state,
    g.source,
    g.events,
    g.tenants,
    g.first_at::timestamptz AS first_at,
    g.last_at::timestamptz AS last_at,
    g.pattern AS message,
    g.method,
    g.route AS endpoint,
    g.status_code
FROM open_cause AS g
LEFT JOIN LATERAL (
    -- The first conditions are cheap and leave few entries to fingerprint.
    SELECT true AS found
    FROM cause AS c
    WHERE c.resolved
        AND c.level::text = g.level
        AND c.source::text = g.source
        AND c."statusCode" IS NOT DISTINCT FROM g.status_code
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
