-- An incident: 2 000 tenants, whose license server has not answered for 40 minutes (one new CRITICAL cause: 6 902 entries
-- of 1 955 tenants) and whose model has timed out for 30 (one new ERROR cause: 10 631 entries of 1 960 tenants), both since
-- 1.15.0. Beside it what is always there: older causes that hurt few, licenses that ended, tenants that are silent.

INSERT INTO tenants ("id", "name", "contactEmail", "licenseKey", "active", "companyName", "createdAt", "updatedAt")
SELECT
    md5('agence ' || n)::uuid,
    'agence-' || lpad(n::text, 4, '0'),
    'it@agence-' || lpad(n::text, 4, '0') || '.example',
    'INCI-' || lpad(n::text, 4, '0') || '-ABCD-' || lpad((9999 - n)::text, 4, '0'),
    true,
    'Agence ' || n,
    at.now - interval '400 days',
    at.now - interval '30 days'
FROM generate_series(1, 2000) AS n
CROSS JOIN (SELECT now() AT TIME ZONE 'UTC' AS now) AS at;

INSERT INTO licenses ("id", "key", "tenantId", "expiresAt", "status", "usageCount", "maxUsageCount")
SELECT
    md5('agence license ' || n)::uuid,
    'INCI-' || lpad(n::text, 4, '0') || '-ABCD-' || lpad((9999 - n)::text, 4, '0'),
    md5('agence ' || n)::uuid,
    at.now + CASE WHEN n = 39 THEN interval '-3 days' ELSE interval '200 days' END,
    'ACTIVE',
    1,
    100
FROM generate_series(1, 2000) AS n
CROSS JOIN (SELECT now() AT TIME ZONE 'UTC' AS now) AS at;

-- The last two have been silent for three hours, and one has never sent anything.
INSERT INTO tenant_metrics ("id", "tenantId", "uptime", "activeUsers", "exercisesCompletedToday", "aiLatency", "version", "timestamp")
SELECT
    md5('agence metric ' || n)::uuid,
    md5('agence ' || n)::uuid,
    86400,
    10,
    5,
    400,
    CASE WHEN n <= 1970 THEN '1.15.0' ELSE '1.14.2' END,
    at.now - CASE WHEN n > 1998 THEN interval '3 hours' ELSE interval '20 seconds' END
FROM generate_series(1, 2000) AS n
CROSS JOIN (SELECT now() AT TIME ZONE 'UTC' AS now) AS at
WHERE n <> 1990;

WITH flood (level, source, entries, tenants, minutes, endpoint, status, message) AS (
    VALUES
    ('CRITICAL', 'NODE', 6902, 1955, 40, '/api/v1/licenses/validate', 502,
     'license server unreachable: connect ECONNREFUSED 10.0.%2$s.7:8443 for license check %1$s'),
    ('ERROR', 'NODE', 10631, 1960, 30, '/api/v1/ai/chat', 504,
     'llm call failed: timeout after %2$s ms, model request %1$s'),
    ('CRITICAL', 'BACKEND', 12, 1, 4000, '/api/v1/export', 503, 'export of report %1$s failed: disk quota exceeded'),
    ('CRITICAL', 'BACKEND', 3, 2, 8000, '/api/v1/webhooks', 500, 'webhook %1$s answered with %2$s'),
    ('ERROR', 'BACKEND', 20, 4, 9000, '/api/v1/report', 500, 'report %1$s took more than %2$s ms'),
    ('WARNING', 'NODE', 300, 60, 10000, '/api/v1/metrics', 413, 'payload of %2$s bytes is large')
)
INSERT INTO error_logs
    ("id", "tenantId", "level", "source", "message", "endpoint", "method", "statusCode", "context", "timestamp", "resolved")
SELECT
    made.id,
    md5('agence ' || 1 + i % f.tenants)::uuid,
    f.level::error_logs_level_enum,
    f.source::error_logs_source_enum,
    format(f.message, made.id, i % 250),
    f.endpoint,
    'POST',
    f.status,
    jsonb_build_object('build', '1.15.0', 'node', 'n-' || i % 40),
    at.now - (f.minutes * (i + 1)::float8 / (f.entries + 1)) * interval '1 minute',
    false
FROM flood AS f
CROSS JOIN LATERAL generate_series(0, f.entries - 1) AS i
CROSS JOIN (SELECT now() AT TIME ZONE 'UTC' AS now) AS at
CROSS JOIN LATERAL (SELECT md5(f.message || i)::uuid AS id) AS made;

ANALYZE;
