-- The tenants that a cause hits, most entries first, with the address to write to.

WITH {{causes_of_key}}
SELECT
    CASE
        WHEN hit."tenantId" IS NULL THEN '(no tenant)'
        -- "tenantId" has no foreign key.
        ELSE coalesce(t.name, 'deleted ' || hit."tenantId")
    END AS tenant,
    hit.events,
    hit.last_at::timestamptz AS last_at,
    t."contactEmail" AS contact_email
FROM (
    SELECT
        "tenantId",
        count(*) AS events,
        max("timestamp") AS last_at
    FROM cause
    WHERE fingerprint = :key::text
    GROUP BY "tenantId"
) AS hit
LEFT JOIN tenants AS t
    ON t.id = hit."tenantId"
ORDER BY hit.events DESC, hit.last_at DESC;
