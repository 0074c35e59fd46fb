-- The tenants that a cause hits, most entries first, with the address to write to.

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
)
SELECT
    CASE
        WHEN hit."tenantId" IS NULL THEN '(no tenant)'
        -- "tenantId" has no foreign key.
        ELSE coalesce(t.name, 'deleted ' || hit."tenantId")
    END AS tenant,
    hit.events,
    hit.last_at::timestamptz AS last_at,
    t."contactEmail" AS contact_email
FROM (
    SELECT
        "tenantId",
        count(*) AS events,
        max("timestamp") AS last_at
    FROM cause
    WHERE fingerprint = :key::text
    GROUP BY "tenantId"
) AS hit
LEFT JOIN tenants AS t
    ON t.id = hit."tenantId"
ORDER BY hit.events DESC, hit.last_at DESC;
