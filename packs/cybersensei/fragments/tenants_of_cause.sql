-- The tenants that a cause hits, for a FROM.
(
    SELECT
        "tenantId",
        count(*) AS events,
        min("timestamp") AS first_at,
        max("timestamp") AS last_at
    FROM cause
    WHERE fingerprint = {{key}}
    GROUP BY "tenantId"
) AS hit
LEFT JOIN tenants AS t
    ON t.id = hit."tenantId"
