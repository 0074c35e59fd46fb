-- :errors entries over 90 days, oldest first: 1 in 8 is CRITICAL, of which 2 % are open; of ERROR and WARNING
-- together 1.6 % are open (20 000 of the 2 million); all else is resolved.
--
-- Each has one of 24 causes. What differs from entry to entry of a cause: %1$s a uuid, %2$s an address, %3$s a number,
-- %4$s a hash, %5$s a name in quotes or not.

WITH cause (no, source, method, endpoint, status, message, stack) AS (
    VALUES
    (0, 'NODE', 'POST', '/api/v1/exercises/%1$s/submit', 500, 'quota sync failed for tenant %1$s: request %4$s from %2$s took %3$s ms', 'QuotaService.sync (/srv/node/quota.js:%3$s:17)'),
    (1, 'BACKEND', 'GET', '/api/v1/licenses/%1$s', 502, 'connect ECONNREFUSED %2$s:5432', 'TCPConnectWrap.afterConnect [as oncomplete] (node:net:%3$s:16)'),
    (2, 'BACKEND', 'POST', '/api/v1/ai/chat', 504, 'AI provider timed out after %3$s ms (request %1$s)', 'AiGateway.ask (/srv/app/ai.gateway.js:%3$s:9)'),
    (3, 'SYSTEM', NULL, NULL, NULL, 'disk usage of /dev/sda%3$s above threshold on host-%3$s.internal', NULL),
    (4, 'NODE', 'PUT', '/api/v1/users/%3$s', 409, 'duplicate key value violates unique constraint "UQ_%4$s"', 'PostgresQueryRunner.query (/srv/app/node_modules/typeorm/driver.js:%3$s:19)'),
    (5, 'BACKEND', 'POST', '/api/v1/auth/login', 401, 'too many failed logins of user%3$s@customer.example from %2$s', NULL),
    (6, 'NODE', 'GET', '/api/v1/updates/1.%3$s.0', 404, 'package cybersensei-1.%3$s.0.zip is not in the store', 'UpdateService.open (/srv/node/update.js:%3$s:5)'),
    (7, 'SYSTEM', NULL, NULL, NULL, 'backup %4$s ended with exit code %3$s', NULL),
    (8, 'NODE', 'POST', '/api/v1/metrics', 413, 'payload of %3$s bytes from node %1$s is too large', NULL),
    (9, 'BACKEND', 'GET', '/api/v1/tenants/%1$s/report', 500, 'Cannot read properties of undefined (reading ''%5$s'')', 'ReportService.render (/srv/app/report.js:%3$s:33)'),
    (10, 'BACKEND', 'PATCH', '/api/v1/tenants/%1$s', 422, 'tenant "%5$s" has no contact address', 'TenantService.check (/srv/app/tenant.js:%3$s:3)'),
    (11, 'SYSTEM', NULL, NULL, NULL, 'certificate of %2$s expires in %3$s hours', NULL),
    (12, 'NODE', 'POST', '/api/v1/phishing/%1$s/send', 550, 'mailbox of user%3$s@customer.example refused the message', 'Mailer.send (/srv/node/mail.js:%3$s:41)'),
    (13, 'NODE', 'GET', '/api/v1/exercises', 500, 'deadlock detected: process %3$s waits for ShareLock on transaction %3$s', 'PostgresQueryRunner.query (/srv/app/node_modules/typeorm/driver.js:%3$s:19)'),
    (14, 'BACKEND', 'POST', '/api/v1/webhooks/%4$s', 400, 'signature %4$s does not match the payload', NULL),
    (15, 'SYSTEM', NULL, NULL, NULL, 'clock of node %1$s is %3$s s off', NULL),
    (16, 'NODE', 'DELETE', '/api/v1/sessions/%4$s', 403, 'session %4$s belongs to somebody else', NULL),
    (17, 'BACKEND', 'GET', '/api/v2/stats?from=%3$s', 500, 'out of memory while sorting %3$s rows', 'StatsService.top (/srv/app/stats.js:%3$s:12)'),
    (18, 'NODE', 'POST', '/api/v1/licenses/validate', 402, 'license %4$s is used up: %3$s of 100', NULL),
    (19, 'BACKEND', 'GET', '/api/v1/updates/%1$s/chunks/%3$s', 500, 'chunk %3$s of file %4$s is missing', 'GridFSBucketReadStream.read (/srv/app/gridfs.js:%3$s:27)'),
    (20, 'SYSTEM', NULL, NULL, NULL, 'container node-%3$s restarted after signal %3$s', NULL),
    (21, 'NODE', 'POST', '/api/v1/training/%1$s', 500, 'model answered with %3$s tokens, the limit is %3$s', 'Trainer.step (/srv/node/train.js:%3$s:8)'),
    (22, 'BACKEND', 'POST', '/api/v1/export', 503, 'queue "%5$s" is full: %3$s jobs wait', 'Queue.push (/srv/app/queue.js:%3$s:14)'),
    (23, 'SYSTEM', NULL, NULL, NULL, 'replication lags %3$s bytes behind %2$s', NULL)
),
entry AS (
    SELECT
        i,
        hashint4(i) & 2147483647 AS luck,
        md5(i::text) AS hash,
        -- Place among ERROR and WARNING, so that 2 in 125 of them are open.
        i / 8 * 5 + i % 8 - 1 AS lesser
    FROM generate_series(0, :errors - 1) AS i
)
INSERT INTO error_logs
    ("id", "tenantId", "level", "source", "message", "stack", "endpoint", "method", "statusCode", "userId", "ipAddress",
     "userAgent", "context", "timestamp", "resolved", "resolvedAt", "resolvedBy")
SELECT
    made.id,
    CASE WHEN c.source <> 'SYSTEM' THEN md5('tenant ' || 1 + e.luck / 24 % 2000)::uuid END,
    CASE
        WHEN e.i % 8 = 0 THEN 'CRITICAL'
        WHEN e.i % 8 <= 3 THEN 'ERROR'
        WHEN e.i % 8 <= 5 THEN 'WARNING'
        ELSE 'INFO'
    END::error_logs_level_enum,
    c.source::error_logs_source_enum,
    format(c.message, made.id, made.address, e.luck % 10000, left(e.hash, 24), made.word),
    CASE WHEN c.stack IS NOT NULL THEN
        'Error: ' || c.no || E'\n    at ' || format(c.stack, made.id, made.address, e.luck % 1000)
        || E'\n    at processTicksAndRejections (node:internal/process/task_queues:95:5)'
        || E'\n    at async Server.handle (/srv/app/server.js:120:7)'
    END,
    format(c.endpoint, made.id, made.address, e.luck % 10000, left(e.hash, 24)),
    c.method,
    c.status,
    CASE WHEN e.luck % 3 = 0 THEN 'user-' || e.luck % 5000 END,
    made.address,
    'CyberSensei-Node/1.' || e.luck % 60,
    CASE WHEN e.luck % 10 = 0 THEN jsonb_build_object('request', e.hash, 'attempt', e.luck % 5) END,
    made.at,
    made.resolved,
    CASE WHEN made.resolved THEN made.at + e.luck % 72 * interval '1 hour' END,
    CASE WHEN made.resolved THEN 'operator-' || e.luck % 9 END
FROM entry AS e
JOIN cause AS c
    ON c.no = e.luck % 24
CROSS JOIN LATERAL (
    SELECT
        e.hash::uuid AS id,
        format('10.%s.%s.%s', e.luck % 4, e.luck / 7 % 250, e.luck / 1999 % 250) AS address,
        (ARRAY['alpha', 'beta', 'orders', 'mail'])[1 + e.luck / 5 % 4] AS word,
        LOCALTIMESTAMP - (:errors - e.i)::float8 / :errors * interval '90 days' AS at,
        NOT CASE
            WHEN e.i % 8 = 0 THEN e.i / 8 % 50 = 0
            WHEN e.i % 8 <= 5 THEN e.lesser * 2 % 125 < 2
            ELSE false
        END AS resolved
    OFFSET 0  -- each once, not once per use
) AS made;
