-- The entries of causes as they are now, to be looked at before they are written.
--
-- Keys of causes give their entries. Keys of entries, as this query returned them, give those
-- entries: so they are found again when they have left their cause.
WITH given AS MATERIALIZED (
    SELECT
        given.key,
        CASE WHEN given.key ~ '^[0-9a-fA-F-]{36}$' THEN given.key::uuid END AS id
    FROM unnest(:keys::text[]) AS given (key)
),
{{causes(
    of => label::text IN (SELECT split_part(given.key, '-', 1) FROM given WHERE given.id IS NULL),
    from => {{lookback}},
    where => {{state}}
)}},
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
    {{entry_now}}
FROM member
JOIN error_logs AS e
    ON e.id = member.id
ORDER BY e.id
