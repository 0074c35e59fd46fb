-- Open CRITICAL errors per tenant. Entries without a tenant are not listed here, see Errors.
WITH critical AS MATERIALIZED (
    -- The label is looked up in the column's own type: see errors.sql.
    SELECT
        label,
        '-infinity'::timestamp AS since
    FROM unnest(enum_range((SELECT level FROM error_logs WHERE false))) AS label
    WHERE label::text = 'CRITICAL'
)
SELECT
    CASE WHEN t.active IS FALSE THEN 'ok' ELSE 'crit' END AS severity,
    format('%s open critical error%s', e.open_critical, CASE WHEN e.open_critical > 1 THEN 's' END) AS why,
    e."tenantId" AS tenant_id,
    e.open_critical,
    e.last_at::timestamptz AS last_at
FROM (
    SELECT
        e."tenantId",
        count(*) AS open_critical,
        max(e."timestamp") AS last_at
    FROM critical
    CROSS JOIN LATERAL (
        -- BETWEEN and OFFSET 0 keep the planner on the index, see errors.sql.
        SELECT "tenantId", "timestamp"
        FROM error_logs
        WHERE level = critical.label
            AND "timestamp" BETWEEN critical.since AND 'infinity'
            AND NOT resolved
            AND "tenantId" IS NOT NULL
        OFFSET 0
    ) AS e
    GROUP BY e."tenantId"
) AS e
-- "tenantId" has no foreign key: the tenant may be gone.
LEFT JOIN tenants AS t
    ON t.id = e."tenantId"
ORDER BY e.open_critical DESC;
