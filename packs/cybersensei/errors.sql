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
open_entry AS MATERIALIZED (
    -- Two things keep the planner on the index (level, "timestamp"), where it would else read the
    -- whole table. OFFSET 0 makes it scan once per level. And AND 'infinity' is not as idle as it
    -- looks: of a range with two unknown ends it expects little, of one with a single end a third.
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
    -- Whoever asks for one kind reads the other not at all.
    SELECT *, false AS resolved FROM open_entry
    UNION ALL
    SELECT *, true FROM resolved_entry
),
-- The fingerprint. These lines, down to "AS fingerprint", are the same in every file that groups
-- errors. Quoted strings, words with a digit or an @ and long hex words become '#', ids in the
-- endpoint ':id' (/v1/ stays), and the top frame of the stack loses its line number. It is what
-- such a query takes longest for. So it is NOT MATERIALIZED: only entries which pass a query's
-- other conditions pay for it; hex words are looked for apart, which takes a third less than in
-- one expression; and the frame is cut out without any.
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
        OFFSET 0  -- evaluates each once, not once per use
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
