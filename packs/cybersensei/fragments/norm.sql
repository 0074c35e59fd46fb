-- What the entries `e` of a cause have in common, for a FROM.
--
-- Quoted strings, words with a digit or an @ and long hex words become '#', ids in the endpoint
-- become ':id' (/v1/ stays), and the top frame of the stack loses its line number. This is the
-- slowest part of such a query. A second expression for hex words takes a third less time than one
-- expression for all, and the frame is cut out without any expression. OFFSET 0 lets each of them be
-- computed once, not once per use.
CROSS JOIN LATERAL (
    SELECT
        left(regexp_replace(regexp_replace(left(e.message, 1500),
            '(?<!\w)''[^'']*''|"[^"]*"|[\w.+-]*[\d@](?:[\w.,:@-]*\w)?', '#', 'g'),
            '[a-fA-F]{8,}', '#', 'g'), 300) AS pattern,
        regexp_replace(split_part(e.endpoint, '?', 1),
            '/(?!v\d+(?:/|$))[^/]*[\d@][^/]*', '/:id', 'g') AS route,
        rtrim(split_part(split_part(e.stack, E'\n    at ', 2), E'\n', 1), '0123456789:)') AS frame
    OFFSET 0
) AS norm
