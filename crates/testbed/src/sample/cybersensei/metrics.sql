-- One metric for each of sample_points. A value depends on the tenant and the time alone, so
-- that what is written later continues the curves.

INSERT INTO tenant_metrics ("id", "tenantId", "uptime", "activeUsers", "exercisesCompletedToday",
                            "aiLatency", "version", "additionalData", "timestamp")
SELECT pg_temp.id(format('metric %s %s', no, at)), id,
       -- Restarts monthly, each node on another day.
       (extract(epoch FROM at)::bigint + no * 131071)
           % CASE quirk WHEN 'restarts' THEN 5 * 3600 ELSE 30 * 86400 END,
       round(users * (0.05 + 0.85 * daylight + 0.1 * noise)),
       round(users * 3 * day),  -- a sawtooth: zero at midnight
       CASE WHEN quirk = 'no ai' THEN NULL
            WHEN quirk = 'nan' AND noise > 0.8 THEN 'NaN'
            ELSE latency * (0.9 + 0.2 * noise + 0.2 * daylight) END,
       version,
       jsonb_build_object('cpu', round((20 + 50 * daylight + 20 * noise)::numeric, 1),
                          'queue', floor(10 * noise), 'region', 'eu-west-' || (1 + no % 3)),
       at
FROM sample_points
JOIN sample_tenants USING (no)
CROSS JOIN LATERAL (
    SELECT extract(epoch FROM at - date_trunc('day', at))::double precision / 86400 AS day,
           pg_temp.noise(format('%s %s', no, at)) AS noise
) AS moment
CROSS JOIN LATERAL (SELECT greatest(0, sin((day - 0.25) * 2 * pi())) AS daylight) AS sun;

TRUNCATE sample_points;
