-- Open entries of causes, as they are now, before they are resolved.
--
-- Keys of causes give their entries. Keys of entries, as this query returned them, give those entries:
-- so they are found again when they have left their cause.

WITH given AS MATERIALIZED (
    SELECT
        given.key,
        CASE WHEN given.key ~ '^[0-9a-fA-F-]{36}$' THEN given.key::uuid END AS id
    FROM unnest(:keys::text[]) AS given (key)
),
chosen AS MATERIALIZED (
    -- A fingerprint is the level, a dash and 32 hex digits; for the labels see errors.sql.
    SELECT
        label,
        CASE
            WHEN label::text = 'CRITICAL' THEN '-infinity'
            ELSE LOCALTIMESTAMP - :other_levels_back::interval
        END AS since
    FROM unnest(enum_range((SELECT level FROM error_logs WHERE false))) AS label
    WHERE label::text IN (SELECT split_part(given.key, '-', 1) FROM given WHERE given.id IS NULL)
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
member AS (
    SELECT
        cause.id,
        cause.fingerprint AS of_row
    FROM cause
    WHERE cause.fingerprint IN (SELECT given.key FROM given WHERE given.id IS NULL)
    UNION ALL
    SELECT
        given.id,
        given.key
    FROM given
    WHERE given.id IS NOT NULL
)
SELECT
    e.id::text AS key,
    member.of_row AS row,
    e.level::text AS level,
    left(e.message, 200) AS message,
    e.resolved::text AS resolved,
    e."resolvedAt"::text AS resolved_at,
    e."resolvedBy" AS resolved_by,
    e."resolutionNotes" AS resolution_notes,
    CASE WHEN e.resolved THEN e."resolvedBy" END AS changed_by,
    CASE WHEN e.resolved THEN e."resolvedAt"::timestamptz::text END AS changed_at
FROM member
JOIN error_logs AS e
    ON e.id = member.id
ORDER BY e.id;
