-- Licenses as they are now, before they are changed. Of the key no more leaves the server than is typed.

SELECT
    l.id::text AS key,
    CASE WHEN length(l.key) >= 12 THEN '…' || right(l.key, 4) END AS license_key,
    coalesce(t.name, 'no tenant') AS tenant,
    l.status::text AS status,
    l."expiresAt"::text AS expires_at,
    CASE
        WHEN coalesce(l."expiresAt" > LOCALTIMESTAMP, true) THEN 'no'
        WHEN l."expiresAt" > LOCALTIMESTAMP - interval '1 day' THEN 'within the last day'
        WHEN l."expiresAt" > LOCALTIMESTAMP - interval '2 days' THEN '1 day ago'
        ELSE extract(day FROM LOCALTIMESTAMP - l."expiresAt") || ' days ago'
    END AS ended,
    l.notes,
    l."updatedAt"::text AS updated_at,
    l."updatedAt"::timestamptz::text AS changed_at
FROM licenses AS l
LEFT JOIN tenants AS t
    ON t.id = l."tenantId"
WHERE l.id IN (
    -- A key that is not a uuid belongs to no license.
    SELECT CASE WHEN given.key ~ '^[0-9a-fA-F-]{36}$' THEN given.key::uuid END
    FROM unnest(:keys::text[]) AS given (key)
)
ORDER BY l.id;
