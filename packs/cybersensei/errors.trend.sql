-- Entries per hour of the last 24, open or resolved, for the causes on screen.

WITH chosen AS MATERIALIZED (
    -- A fingerprint is the level, a dash and 32 hex digits; for the labels see errors.sql.
    SELECT DISTINCT label
    FROM unnest(:keys::text[]) AS key
    JOIN unnest(enum_range((SELECT level FROM error_logs WHERE false))) AS label
        ON label::text = split_part(key, '-', 1)
),
entry AS NOT MATERIALIZED (
    SELECT e.*
    FROM chosen
    CROSS JOIN LATERAL (
        SELECT *
        FROM error_logs
        WHERE level = chosen.label
            AND "timestamp" BETWEEN LOCALTIMESTAMP - interval '24 hours' AND LOCALTIMESTAMP
        OFFSET 0  -- one scan of the index per level, see errors.sql
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
hourly AS (
    SELECT
        fingerprint,
        least(23, floor(extract(epoch FROM LOCALTIMESTAMP - "timestamp") / 3600)) AS hours_ago,
        count(*) AS events
    FROM cause
    WHERE fingerprint = ANY (:keys::text[])
    GROUP BY 1, 2
)
SELECT
    key,
    array_agg(coalesce(hourly.events, 0)::float8 ORDER BY hour.ago DESC) AS trend
FROM unnest(:keys::text[]) AS key
CROSS JOIN generate_series(0, 23) AS hour (ago)
LEFT JOIN hourly
    ON hourly.fingerprint = key AND hourly.hours_ago = hour.ago
GROUP BY key;
