-- One error for each of sample_events.

INSERT INTO error_logs ("id", "tenantId", "level", "source", "message", "stack", "endpoint",
                        "method", "statusCode", "userId", "ipAddress", "userAgent", "metadata",
                        "context", "timestamp", "resolved", "resolvedAt", "resolvedBy",
                        "resolutionNotes")
SELECT pg_temp.id('error ' || seed),
       CASE WHEN tenants > 0 THEN pg_temp.id('tenant ' || no)
            WHEN tenants < 0 THEN pg_temp.id('no tenant ' || i % 3) END,
       level::error_logs_level_enum, source::error_logs_source_enum,
       pg_temp.filled(message, seed), pg_temp.filled(stack, seed),
       pg_temp.filled(endpoint, seed), method, status,
       CASE WHEN method IS NOT NULL THEN 'user-' || pg_temp.whole(seed || 'user', 1, 400) END,
       CASE WHEN method IS NOT NULL THEN pg_temp.filled('{ip}', seed) END,
       CASE WHEN method IS NOT NULL THEN 'Mozilla/5.0 (X11; Linux x86_64) Sample/1.0' END,
       jsonb_build_object('attempt', 1 + i % 4, 'queue', 'default'),
       jsonb_build_object('node', 'n-' || no, 'build', '1.15.0',
                          'request', jsonb_build_object('id', pg_temp.filled('{uuid}', seed),
                                                        'retry', i % 2 = 0, 'tags',
                                                        jsonb_build_array('sample', cause))),
       at, resolved_at IS NOT NULL, resolved_at, resolved_by, notes
FROM sample_events
JOIN sample_causes USING (cause)
CROSS JOIN LATERAL (
    -- Each tenant in turn at first, then the first ones more often.
    SELECT cause || ' ' || i AS seed,
           CASE WHEN i % 1000 <= tenants THEN greatest(1, i % 1000)
                ELSE 1 + floor(abs(tenants) * pg_temp.noise(cause || ' who ' || i) ^ 2) END AS no
) AS event;

TRUNCATE sample_events;
