-- One cause: its newest open entry in full, and what all its open entries have in common.

WITH chosen AS MATERIALIZED (
    -- A fingerprint is the level, a dash and 32 hex digits; for the labels see errors.sql.
    SELECT
        label,
        CASE
            WHEN label::text = 'CRITICAL' THEN '-infinity'
            ELSE LOCALTIMESTAMP - :other_levels_back::interval
        END AS since
    FROM unnest(enum_range((SELECT level FROM error_logs WHERE false))) AS label
    WHERE label::text = split_part(:key::text, '-', 1)
),
entry AS NOT MATERIALIZED (
    -- BETWEEN and OFFSET 0 keep the planner on the index, see errors.sql.
    SELECT e.*
    FROM chosen
    CROSS JOIN LATERAL (
        SELECT *
        FROM error_logs
        WHERE level = chosen.label
            AND "timestamp" BETWEEN chosen.since AND 'infinity'
            AND NOT resolved
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
),
hit AS MATERIALIZED (
    -- Used twice, and found by a scan.
    SELECT *
    FROM cause
    WHERE fingerprint = :key::text
)
SELECT
    c.level::text AS level,
    c.source::text AS source,
    c.events,
    c.tenants,
    c.first_at::timestamptz AS first_at,
    c."timestamp"::timestamptz AS last_at,
    c.pattern,
    c.id AS sample_id,
    t.name AS sample_tenant,
    c.message,
    c.method,
    c.endpoint,
    c."statusCode" AS status_code,
    c."userId" AS user_id,
    c."ipAddress" AS ip_address,
    c."userAgent" AS user_agent,
    c.stack,
    c.context,
    c.metadata
FROM (
    SELECT
        hit.*,
        count(*) OVER () AS events,
        (SELECT count(DISTINCT "tenantId") FROM hit) AS tenants,
        min("timestamp") OVER () AS first_at
    FROM hit
) AS c
LEFT JOIN tenants AS t
    ON t.id = c."tenantId"
ORDER BY c."timestamp" DESC
LIMIT 1;
