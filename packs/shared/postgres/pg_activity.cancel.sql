-- Cancels the statement that a session was seen to run, where it still does.

SELECT
    a.pid::text AS key,
    pg_cancel_backend(a.pid)::text AS done
FROM unnest(:keys::text[], :seen_backend_start::timestamptz[], :seen_query_start::timestamptz[])
    AS seen (pid, backend_start, query_start)
JOIN pg_stat_activity AS a
    ON a.pid::text = seen.pid
    AND a.backend_start = seen.backend_start
    AND a.query_start = seen.query_start
    AND a.state = 'active'
WHERE a.datname IS NOT NULL
    AND a.pid <> pg_backend_pid();
