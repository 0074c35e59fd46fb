-- The newest open errors of one tenant, by index ("tenantId", "timestamp").

SELECT
    e."timestamp"::timestamptz AS at,
    e.level::text AS level,
    e.source::text AS source,
    {{hide_keys(text => left(e.message, 400))}} AS message
FROM error_logs AS e
WHERE e."tenantId" = :key::uuid
    AND NOT e.resolved
ORDER BY e."timestamp" DESC
LIMIT 50;
