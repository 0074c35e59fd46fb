-- As the system's own document has it, but for the quotes without which it fails. What ours is compared with.
SELECT
  "tenantId",
  COUNT(*) as metrics_count,
  AVG("activeUsers") as avg_users,
  AVG("aiLatency") as avg_latency
FROM tenant_metrics
WHERE timestamp >= NOW() - INTERVAL '24 hours'
GROUP BY "tenantId";
