-- As the system's own document has it, but for the quotes without which it fails. What ours is compared with.
SELECT
  l.key,
  l."expiresAt",
  t.name as tenant_name,
  t."contactEmail",
  (l."expiresAt" - NOW()) as time_remaining
FROM licenses l
JOIN tenants t ON l."tenantId" = t.id
WHERE l.status = 'ACTIVE'
  AND l."expiresAt" IS NOT NULL
  AND l."expiresAt" <= NOW() + INTERVAL '30 days'
ORDER BY l."expiresAt" ASC;
