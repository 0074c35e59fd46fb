-- Measurements and alerts.

-- Every ten minutes for a day, a little more at noon.
INSERT INTO metrics (client_id, environment_id, metric, value, recorded_at)
SELECT
    e.client_id,
    e.id,
    kind.metric,
    round((kind.low + kind.span * (0.5 + 0.3 * sin(n / 23.0) + 0.2 * pg_temp.noise(kind.metric || e.id || n)))::numeric, 1),
    pg_temp.clock() - n * interval '10 minutes' - interval '2 minutes'
FROM environments AS e
JOIN projects AS p
    ON p.id = e.project_id
CROSS JOIN (VALUES ('cpu', 15, 40), ('ram', 35, 30), ('latency', 80, 160)) AS kind (metric, low, span)
CROSS JOIN generate_series(0, 143) AS n
WHERE p.status = 'active';

-- CPU and RAM near their ends, a slow one, one that is silent, one that never said anything, one that says nonsense.
UPDATE metrics SET value = 97.5
WHERE environment_id = pg_temp.id(pg_temp.id('globex.example/api') || 'prod') AND metric = 'cpu' AND recorded_at > pg_temp.clock() - interval '50 minutes';
UPDATE metrics SET value = 84
WHERE environment_id = pg_temp.id(pg_temp.id('acme.fr/webshop') || 'prod') AND metric = 'ram' AND recorded_at > pg_temp.clock() - interval '6 hours';
UPDATE metrics SET value = value * 9
WHERE environment_id = pg_temp.id(pg_temp.id('acme.fr/billing') || 'prod') AND metric = 'latency' AND recorded_at > pg_temp.clock() - interval '2 hours';
DELETE FROM metrics
WHERE environment_id = pg_temp.id(pg_temp.id('client-7.example/worker') || 'prod') AND recorded_at > pg_temp.clock() - interval '3 hours';
DELETE FROM metrics WHERE environment_id = pg_temp.id(pg_temp.id('client-8.example/worker') || 'dev');
UPDATE metrics SET value = 'NaN'
WHERE environment_id = pg_temp.id(pg_temp.id('client-9.example/app') || 'dev') AND metric = 'cpu' AND recorded_at > pg_temp.clock() - interval '1 hour';

INSERT INTO alerts (client_id, project_id, environment_id, severity, title, message, status, created_at, acknowledged_at, acknowledged_by, updated_at)
SELECT
    p.client_id,
    p.id,
    pg_temp.id(p.id || made.environment),
    made.severity,
    made.title,
    format('%s: sample %s', made.title, n),
    made.status,
    at.time,
    CASE WHEN made.status = 'acknowledged' THEN at.time + interval '5 minutes' END,
    CASE WHEN made.status = 'acknowledged' THEN 'selene' END,
    at.time
FROM (VALUES
    ('globex.example/api', 'prod', 'critical', 'API answers 502', 'open', 6, interval '4 minutes', interval '7 minutes'),
    ('acme.fr/webshop', 'prod', 'critical', 'Checkout fails', 'acknowledged', 2, interval '90 minutes', interval '20 minutes'),
    -- Nobody looks: the same thing again and again.
    ('client-4.example/worker', 'prod', 'warning', 'Disk is 90 % full', 'open', 37, interval '30 minutes', interval '1 hour'),
    -- One title in two homonymous clients' projects of one name.
    ('acme.fr/webshop', 'staging', 'warning', 'Certificate ends soon', 'open', 1, interval '1 day', interval '1 day'),
    ('acme.example/webshop', 'staging', 'warning', 'Certificate ends soon', 'open', 1, interval '3 hours', interval '1 day'),
    ('client-1.example/app', 'dev', 'info', 'Restarted', 'open', 3, interval '2 hours', interval '1 day'),
    ('hostile.example/x' || E'\u0007' || 'y', 'prod', 'warning', E'hostile \u202E\u001B]0;title\u0007', 'open', 1, interval '1 hour', interval '1 hour')
) AS made (project, environment, severity, title, status, times, youngest, step)
JOIN projects AS p
    ON p.id = pg_temp.id(made.project)
CROSS JOIN LATERAL generate_series(1, made.times) AS n
CROSS JOIN LATERAL (SELECT pg_temp.clock() - made.youngest - (n - 1) * made.step AS time) AS at;

INSERT INTO alerts (client_id, project_id, environment_id, severity, title, status, created_at, resolved_at, resolved_by, updated_at)
SELECT
    e.client_id,
    e.project_id,
    e.id,
    (ARRAY['critical', 'warning', 'info'])[pg_temp.whole('level' || e.id || n, 1, 3)],
    (ARRAY['CPU is high', 'Latency is high', 'Deployment failed'])[pg_temp.whole('title' || e.id || n, 1, 3)],
    'resolved',
    at.time,
    at.time + pg_temp.whole('took' || e.id || n, 3, 400) * interval '1 minute',
    'luna',
    at.time + interval '7 hours'
FROM environments AS e
CROSS JOIN generate_series(1, 6) AS n
CROSS JOIN LATERAL (SELECT pg_temp.clock() - n * pg_temp.whole('alert' || e.id, 2, 9) * interval '1 day' - interval '8 hours' AS time) AS at
WHERE e.name = 'prod';
