-- Cache, routes, quotas, queue and backups.

INSERT INTO cache (key, value, expires_at)
SELECT
    format('permissions:user:%s', n),
    '{"token": "' || pg_temp.token('cached' || n) || '"}',
    pg_temp.clock() + CASE
        WHEN n <= 90 THEN pg_temp.whole('cache' || n, 1, 60) * interval '1 minute'
        WHEN n <= 100 THEN -pg_temp.whole('cache' || n, 1, 600) * interval '1 minute'
        ELSE -pg_temp.whole('cache' || n, 2, 40) * interval '1 day 1 hour'
    END
FROM generate_series(1, 140) AS n;

INSERT INTO cache (key, value, expires_at) VALUES
    ('config:routes', repeat('x', 1200000), NULL),
    (E'hostile\u001B[31m\u202E:key', 'x', pg_temp.clock() + interval '1 hour');

-- A path is unique: one that is read and written can have one method alone. FETCH is none.
INSERT INTO routes (path, service, method) VALUES
    ('/auth/login', 'auth-service', 'POST'),
    ('/auth/logout', 'auth-service', 'POST'),
    ('/users', 'user-service', 'get'),
    ('/users/:id', 'user-service', 'GET'),
    ('/logs', 'log-service', 'GET'),
    ('/cache/:key', 'cache-service', 'DELETE'),
    ('/routes', 'router-service', 'GET'),
    ('/messages', 'messaging-service', 'POST'),
    ('/backups', 'database', 'FETCH');

INSERT INTO rate_limits (user_id, route_id, request_count, last_request)
SELECT
    u.id,
    r.id,
    pg_temp.whole('count' || u.id || '/' || r.id, 1, 900),
    pg_temp.clock() - pg_temp.whole('last' || u.id || '/' || r.id, 1, 3000) * interval '1 minute'
FROM users AS u
CROSS JOIN routes AS r
WHERE u.id > 10
    AND pg_temp.noise('uses' || u.id || '/' || r.id) < 0.3;

INSERT INTO rate_limits (user_id, route_id, request_count, last_request) VALUES
    -- Counted apart.
    (3, 5, 48210, pg_temp.clock() - interval '10 seconds'),
    (3, 5, 190, pg_temp.clock() - interval '4 minutes'),
    -- Of nobody, and of nothing.
    (NULL, 1, 77, pg_temp.clock() - interval '3 days'),
    (4, NULL, 12, pg_temp.clock() - interval '3 days');

INSERT INTO message_queue (topic, payload, created_at, status)
SELECT
    line.topic,
    '{"to": "' || pg_temp.token(line.topic || n) || '"}',
    pg_temp.clock() - line.youngest - n * line.step,
    line.status
FROM (VALUES
    -- Stuck since its reader died, three hours ago.
    ('mail.outbound', 'pending', 37, interval '40 seconds', interval '5 minutes'),
    ('mail.outbound', 'processed', 400, interval '3 hours 10 minutes', interval '3 minutes'),
    -- Slow.
    ('audit.events', 'pending', 6, interval '5 seconds', interval '4 minutes'),
    ('audit.events', 'processed', 300, interval '30 minutes', interval '4 minutes'),
    -- The same status in other letters.
    ('cache.invalidate', 'PENDING', 3, interval '10 seconds', interval '1 minute'),
    ('cache.invalidate', 'done', 500, interval '5 minutes', interval '2 minutes'),
    ('gaia.sync', 'failed', 4, interval '1 hour', interval '20 minutes'),
    -- Nobody knows whether they wait.
    ('gaia.sync', NULL, 2, interval '5 hours', interval '1 hour')
) AS line (topic, status, messages, youngest, step)
CROSS JOIN LATERAL generate_series(1, line.messages) AS n;

-- Every night until three nights ago.
INSERT INTO backups (created_at, file_path)
SELECT
    date_trunc('hour', pg_temp.clock()) - interval '60 hours' - n * interval '1 day',
    format('/var/backups/kronos/nightly-%s.dump', lpad((30 - n)::text, 3, '0'))
FROM generate_series(0, 29) AS n
ORDER BY n DESC;
