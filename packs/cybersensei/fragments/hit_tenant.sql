-- The name of a tenant that is hit. "tenantId" has no foreign key.
CASE WHEN hit."tenantId" IS NULL THEN '(no tenant)' ELSE coalesce(t.name, 'deleted ' || hit."tenantId") END
