-- Clients' sessions as they are now, before their statement is canceled or they are ended. A pid alone
-- does not say which session is meant: it is given to another one later.
\set keys '\'{}\''

SELECT
    a.pid::text AS key,
    a.usename AS "user",
    a.application_name AS application,
    a.backend_start::text AS backend_start,
    -- Of other users' sessions, a login without pg_read_all_stats does not see when they began.
    CASE WHEN a.backend_start IS NULL THEN 'hidden' ELSE 'visible' END AS session,
    a.state,
    a.query_start::text AS query_start,
    -- Statements that set a password carry it.
    regexp_replace(left(a.query, 200), '(\mpassword\s+E?)''(''''|[^''])*''?', '\1''***''', 'gi') AS query
FROM pg_stat_activity AS a
WHERE a.pid::text = ANY (:keys::text[])
    AND a.datname IS NOT NULL
    AND a.pid <> pg_backend_pid()
ORDER BY a.pid;
