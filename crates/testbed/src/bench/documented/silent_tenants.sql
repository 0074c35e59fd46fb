-- As the system's own document has it, but for the quotes without which it fails. What ours is compared with.
SELECT
  t.id,
  t.name,
  t."contactEmail",
  MAX(tm.timestamp) as last_metric
FROM tenants t
LEFT JOIN tenant_metrics tm ON t.id = tm."tenantId"
WHERE t.active = true
GROUP BY t.id, t.name, t."contactEmail"
HAVING MAX(tm.timestamp) < NOW() - INTERVAL '1 hour'
   OR MAX(tm.timestamp) IS NULL
ORDER BY last_metric ASC NULLS FIRST;
