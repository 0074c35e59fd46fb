-- Entries as they are now, before they are resolved or opened again.

SELECT
    e.id::text AS key,
    {{entry_now}}
FROM error_logs AS e
WHERE e.id IN (
    -- A key that is not a uuid belongs to no entry.
    SELECT CASE WHEN given.key ~ '^[0-9a-fA-F-]{36}$' THEN given.key::uuid END
    FROM unnest(:keys::text[]) AS given (key)
)
ORDER BY e.id;
