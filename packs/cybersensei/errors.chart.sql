-- Entries of one cause over time, open and resolved apart, in 60 steps of the window.

WITH chosen AS MATERIALIZED (
    -- A fingerprint is the level, a dash and 32 hex digits; for the labels see errors.sql.
    SELECT
        label,
        extract(epoch FROM :window::interval) / 60 AS step
    FROM unnest(enum_range((SELECT level FROM error_logs WHERE false))) AS label
    WHERE label::text = split_part(:key::text, '-', 1)
),
entry AS NOT MATERIALIZED (
    SELECT
        e.*,
        floor(extract(epoch FROM e."timestamp") / chosen.step) AS slot
    FROM chosen
    CROSS JOIN LATERAL (
        SELECT *
        FROM error_logs
        WHERE level = chosen.label
            AND "timestamp" BETWEEN LOCALTIMESTAMP - :window::interval AND LOCALTIMESTAMP
        OFFSET 0  -- keeps the planner on the index, see errors.sql
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
counted AS (
    SELECT
        slot,
        count(*) FILTER (WHERE NOT resolved) AS open,
        count(*) FILTER (WHERE resolved) AS resolved
    FROM cause
    WHERE fingerprint = :key::text
    GROUP BY slot
)
-- Every slot, so that silence is drawn as 0.
SELECT
    (timestamp 'epoch' + slot.n * chosen.step * interval '1 second')::timestamptz AS "time",
    coalesce(series.events, 0)::float8 AS value,
    series.name AS series
FROM chosen
CROSS JOIN generate_series(
    floor(extract(epoch FROM LOCALTIMESTAMP - :window::interval) / chosen.step),
    floor(extract(epoch FROM LOCALTIMESTAMP) / chosen.step)
) AS slot (n)
LEFT JOIN counted
    ON counted.slot = slot.n
CROSS JOIN LATERAL (
    VALUES ('open', counted.open), ('resolved', counted.resolved)
) AS series (name, events)
ORDER BY series.name, "time";
