-- The cause of each entry of `entry`: a part of a WITH.
--
-- Quoted strings, words with a digit or an @ and long hex words become '#', ids in the endpoint
-- become ':id' (/v1/ stays), and the top frame of the stack loses its line number. The fingerprint
-- is the slowest part of such a query. So it is NOT MATERIALIZED: it is computed only for entries
-- that pass the query's other conditions. A second expression for hex words takes a third less time
-- than one expression for all, and the frame is cut out without any expression.
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
        {{fingerprint_of}} AS fingerprint
    FROM normal
)
