-- Open CRITICAL errors per tenant. Entries without a tenant are not listed here, see Errors.
WITH {{levels(level => label::text = 'CRITICAL', since => '-infinity'::timestamp)}}
SELECT
    CASE WHEN t.active IS FALSE THEN 'ok' ELSE 'crit' END AS severity,
    'open_critical' AS reason,
    e."tenantId" AS tenant_id,
    e.open_critical,
    e.last_at::timestamptz AS last_at
FROM (
    SELECT
        e."tenantId",
        count(*) AS open_critical,
        max(e."timestamp") AS last_at
    FROM {{scan(since => chosen.since, which => NOT resolved AND "tenantId" IS NOT NULL)}}
    GROUP BY e."tenantId"
) AS e
-- "tenantId" has no foreign key: the tenant may be gone.
LEFT JOIN tenants AS t
    ON t.id = e."tenantId"
ORDER BY e.open_critical DESC;
