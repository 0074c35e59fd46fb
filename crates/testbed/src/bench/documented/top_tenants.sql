-- As the system's own document has it, but for the quotes without which it fails. What ours is compared with.
SELECT
  t.name,
  t."companyName",
  COUNT(tm.id) as metrics_count
FROM tenants t
LEFT JOIN tenant_metrics tm ON t.id = tm."tenantId"
GROUP BY t.id, t.name, t."companyName"
ORDER BY metrics_count DESC
LIMIT 10;
