-- Tenants as they are now, before they are activated or deactivated.

SELECT
    t.id::text AS key,
    t.name,
    t."companyName" AS company,
    t.active::text AS active,
    t."updatedAt"::text AS updated_at,
    t."updatedAt"::timestamptz::text AS changed_at
FROM tenants AS t
WHERE t.id IN (
    -- A key that is not a uuid belongs to no tenant.
    SELECT CASE WHEN given.key ~ '^[0-9a-fA-F-]{36}$' THEN given.key::uuid END
    FROM unnest(:keys::text[]) AS given (key)
)
ORDER BY t.id;
