-- One error entry, in full.

SELECT
    e.id,
    e."timestamp"::timestamptz AS at,
    e.level::text AS level,
    e.source::text AS source,
    coalesce(t.name, 'deleted ' || e."tenantId") AS tenant,
    t."contactEmail" AS contact_email,
    {{hide_keys(text => e.message)}} AS message,
    e.method,
    e.endpoint,
    e."statusCode" AS status_code,
    e."userId" AS user_id,
    e."ipAddress" AS ip_address,
    e."userAgent" AS user_agent,
    {{hide_keys(text => e.stack)}} AS stack,
    {{hide_keys(text => e.context::text)}}::jsonb AS context,
    {{hide_keys(text => e.metadata::text)}}::jsonb AS metadata,
    e.resolved,
    e."resolvedAt"::timestamptz AS resolved_at,
    e."resolvedBy" AS resolved_by,
    e."resolutionNotes" AS resolution_notes
FROM error_logs AS e
LEFT JOIN tenants AS t
    ON t.id = e."tenantId"
WHERE e.id = :key::uuid;
