-- One cause: its newest open entry in full, and what all its open entries have in common.

WITH {{causes_of_key(key => :key::text)}},
hit AS MATERIALIZED (
    -- Used twice, and found by a scan.
    SELECT *
    FROM cause
    WHERE fingerprint = :key::text
)
SELECT
    c.level::text AS level,
    c.source::text AS source,
    c.events,
    c.tenants,
    c.first_at::timestamptz AS first_at,
    c."timestamp"::timestamptz AS last_at,
    {{hide_keys(text => c.pattern)}} AS pattern,
    c.id AS sample_id,
    t.name AS sample_tenant,
    {{hide_keys(text => c.message)}} AS message,
    c.method,
    c.endpoint,
    c."statusCode" AS status_code,
    c."userId" AS user_id,
    c."ipAddress" AS ip_address,
    c."userAgent" AS user_agent,
    {{hide_keys(text => c.stack)}} AS stack,
    {{hide_keys(text => c.context::text)}}::jsonb AS context,
    {{hide_keys(text => c.metadata::text)}}::jsonb AS metadata
FROM (
    SELECT
        hit.*,
        count(*) OVER () AS events,
        (SELECT count(DISTINCT "tenantId") FROM hit) AS tenants,
        min("timestamp") OVER () AS first_at
    FROM hit
) AS c
LEFT JOIN tenants AS t
    ON t.id = c."tenantId"
ORDER BY c."timestamp" DESC
LIMIT 1;
