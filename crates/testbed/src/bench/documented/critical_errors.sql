-- As the system's own document has it, but for the quotes without which it fails. What ours is compared with.
SELECT
  level,
  source,
  message,
  timestamp,
  "tenantId"
FROM error_logs
WHERE level = 'CRITICAL'
  AND resolved = false
ORDER BY timestamp DESC
LIMIT 100;
