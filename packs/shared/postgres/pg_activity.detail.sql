-- One session. Its query at full length, save that nobody reads more than 10 000 characters.

SELECT
    a.pid::text AS pid,
    a.datname AS database,
    a.usename AS "user",
    a.application_name AS application,
    coalesce(host(a.client_addr), CASE WHEN a.client_port = -1 THEN 'local socket' END) AS client,
    a.backend_type,
    CASE
        WHEN a.query = '<insufficient privilege>' THEN 'not visible to this login: needs pg_monitor'
        ELSE a.state
    END AS state,
    a.wait_event_type || ' ' || a.wait_event AS waits_on,
    array_to_string(pg_blocking_pids(a.pid), ', ') AS waits_for,
    a.backend_start AS connected_at,
    a.xact_start AS transaction_at,
    a.query_start AS query_at,
    a.state_change AS state_at,
    age(a.backend_xid) AS xid_age,
    age(a.backend_xmin) AS snapshot_age,
    regexp_replace(left(a.query, 10000), '(\mpassword\s+E?)''(''''|[^''])*''?', '\1''***''', 'gi') AS query
FROM pg_stat_activity AS a
WHERE a.pid = :key::int;
