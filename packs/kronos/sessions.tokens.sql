-- What tells the tokens on screen apart.

SELECT
    s.id::text AS key,
    {{digest(of => s.token)}} AS token_digest
FROM sessions AS s
WHERE s.id = ANY (:keys::int[]);
