-- The active tenants whose node runs this version, by its last metric.

SELECT
    t.name AS tenant,
    metric."timestamp"::timestamptz AS last_at,
    t."contactEmail" AS contact,
    t."companyName" AS company
FROM tenants AS t
LEFT JOIN LATERAL (
    SELECT m."timestamp", m.version
    FROM tenant_metrics AS m
    WHERE m."tenantId" = t.id
        AND m."timestamp" < 'infinity'
    ORDER BY m."timestamp" DESC
    LIMIT 1
) AS metric ON true
WHERE t.active
    -- The same words as in rollout.sql.
    AND :key::text = CASE
        WHEN metric."timestamp" IS NULL THEN '(never reported)'
        ELSE coalesce(nullif(regexp_replace(btrim(metric.version), '^[vV](?=\d)', ''), ''), '(no version)')
    END
ORDER BY t.name;
