-- The active tenants whose node runs this version, by its last metric.

SELECT
    t.name AS tenant,
    metric."timestamp"::timestamptz AS last_at,
    t."contactEmail" AS contact,
    t."companyName" AS company
FROM tenants AS t
{{last_metric}}
WHERE t.active
    -- The same words as in rollout.sql.
    AND :key::text = CASE
        WHEN metric."timestamp" IS NULL THEN '(never reported)'
        ELSE coalesce(nullif(regexp_replace(btrim(metric.version), '^[vV](?=\d)', ''), ''), '(no version)')
    END
ORDER BY t.name;
