-- :samples of each tenant, five minutes apart, in the order in which they would have come.

INSERT INTO tenant_metrics
    ("id", "tenantId", "uptime", "activeUsers", "exercisesCompletedToday", "aiLatency", "version", "additionalData",
     "timestamp")
SELECT
    md5(ago.n || ' ' || t.n)::uuid,
    t.id,
    (900000 - ago.n * 300 + t.n * 977) % 900000 + 900000,
    (t.n * 7 + ago.n) % 90,
    (288 - (ago.n + t.n) % 288) / 4,
    CASE WHEN (ago.n + t.n) % 31 <> 0 THEN 200 + (t.n * 37) % 800 + (ago.n * 13 + t.n) % 300 + (t.n % 50 / 49) * 1500 END,
    '1.' || 59 - t.n % 7 || '.0',
    CASE WHEN (ago.n + t.n) % 4 = 0 THEN '{"cpu": 41.5, "memory": 63, "queue": {"depth": 3}}'::jsonb END,
    LOCALTIMESTAMP - ago.n * interval '5 minutes' - t.phase - t.silence
FROM generate_series(:samples - 1, 0, -1) AS ago (n)
CROSS JOIN (
    SELECT
        n,
        md5('tenant ' || n)::uuid AS id,
        n % 300 * interval '1 second' AS phase,
        CASE WHEN n % 100 = 1 THEN interval '3 hours' ELSE interval '0' END AS silence
    FROM generate_series(1, 2000) AS n
) AS t;
