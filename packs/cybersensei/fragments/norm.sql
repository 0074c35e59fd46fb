-- What the entries `e` of a cause have in common, for a FROM.
--
-- Ids in the endpoint become ':id' (/v1/ stays), and the top frame of the stack loses its line number; the frame is cut
-- out without any expression. OFFSET 0 lets each of them be computed once, not once per use.
CROSS JOIN LATERAL (
    SELECT
        {{pattern(text => e.message)}} AS pattern,
        regexp_replace(split_part(e.endpoint, '?', 1),
            '/(?!v\d+(?:/|$))[^/]*[\d@][^/]*', '/:id', 'g') AS route,
        rtrim(split_part(split_part(e.stack, E'\n    at ', 2), E'\n', 1), '0123456789:)') AS frame
    OFFSET 0
) AS norm
