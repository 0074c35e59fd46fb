-- Ends a session that still is the one that was seen.

SELECT
    a.pid::text AS key,
    pg_terminate_backend(a.pid)::text AS done
FROM unnest(:keys::text[], :seen_backend_start::timestamptz[])
    AS seen (pid, backend_start)
JOIN pg_stat_activity AS a
    ON a.pid::text = seen.pid
    AND a.backend_start = seen.backend_start
WHERE a.datname IS NOT NULL
    AND a.pid <> pg_backend_pid();
