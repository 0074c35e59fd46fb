-- The log: causes across services, levels as everybody writes them, services that no route names, a serial that runs out.

SELECT setval('logs_id_seq', 1610612735);

INSERT INTO logs (service_name, level, message, timestamp)
SELECT
    (of_line.services)[1 + n % cardinality(of_line.services)],
    (of_line.levels)[1 + n % cardinality(of_line.levels)],
    replace(replace(line.message, '{n}', pg_temp.whole(line.message || n, 10, 99999)::text),
        '{ip}', format('10.0.%s.%s', n % 7, pg_temp.whole('ip' || n, 1, 254))),
    pg_temp.clock() - line.youngest - n * line.step
FROM (VALUES
    -- New, in three services at a time.
    ('{messaging-service,router-service,user-service}', '{fatal,CRITICAL,crit}', 'no broker at {ip}:9092 after {n} ms', 46, interval '20 seconds', interval '40 seconds'),
    -- Many times its usual rate.
    ('{auth-service}', '{ERROR,err}', 'login refused for "user-{n}" from {ip}', 160, interval '5 seconds', interval '20 seconds'),
    ('{auth-service}', '{error}', 'login refused for "user-{n}" from {ip}', 12, interval '2 hours', interval '90 minutes'),
    -- Known for long.
    ('{database}', '{warn,WARNING}', 'slow query: {n} ms', 400, interval '2 minutes', interval '200 seconds'),
    ('{cache-service}', '{Warn}', 'evicted {n} entries', 90, interval '7 minutes', interval '15 minutes'),
    -- A service that no route names, and one that is misspelled.
    ('{gaia-bridge}', '{ERROR}', 'sync failed after {n} rows', 20, interval '10 minutes', interval '1 hour'),
    ('{auth-servise}', '{warning}', 'clock is {n} ms off', 3, interval '15 minutes', interval '10 minutes'),
    -- A level that nobody knows.
    ('{router-service}', '{catastrophe}', 'quota table is locked', 2, interval '40 minutes', interval '5 minutes'),
    ('{user-service,auth-service,router-service}', '{info,INFO,notice,debug}', 'served request {n} in {n} ms', 2000, interval '1 second', interval '40 seconds')
) AS line (services, levels, message, entries, youngest, step)
CROSS JOIN LATERAL (SELECT line.services::text[] AS services, line.levels::text[] AS levels) AS of_line
CROSS JOIN LATERAL generate_series(0, line.entries - 1) AS n
ORDER BY pg_temp.clock() - line.youngest - n * line.step;

-- A token in the clear, and what a terminal must not act on.
INSERT INTO logs (service_name, level, message, timestamp) VALUES
    ('auth-service', 'error', 'rejected ' || pg_temp.token('leaked') || ' of Bearer ' || md5('leaked'), pg_temp.clock() - interval '3 minutes'),
    ('router-service', 'error', E'upstream said \u001B[2J\u202Eevil\u200B', pg_temp.clock() - interval '4 minutes'),
    ('log-service', 'warn', 'a body of a megabyte: ' || repeat('kronos ', 150000), pg_temp.clock() - interval '5 minutes');
