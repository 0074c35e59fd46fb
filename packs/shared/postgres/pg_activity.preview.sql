-- Clients' sessions as they are now, before their statement is canceled or they are ended. A pid alone
-- does not say which session is meant: it is given to another one later.

SELECT
    a.pid::text AS key,
    a.pid::text AS pid,
    a.usename AS "user",
    a.application_name AS application,
    a.backend_start::text AS backend_start,
    -- A login without pg_read_all_stats does not see when sessions of other users began.
    CASE WHEN a.backend_start IS NULL THEN 'hidden' ELSE 'visible' END AS session,
    -- What pg_cancel_backend and pg_terminate_backend ask for: a role's own sessions, or the right to signal others; and
    -- only superusers end those of superusers.
    CASE
        WHEN coalesce(target.rolsuper, false) AND NOT me.rolsuper THEN 'missing'
        WHEN pg_has_role(a.usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE') THEN 'granted'
        ELSE 'missing'
    END AS permission,
    a.state,
    a.query_start::text AS query_start,
    -- A statement that sets a password contains the password.
    regexp_replace(left(a.query, 200), '(\mpassword\s+E?)''(''''|[^''])*''?', '\1''***''', 'gi') AS query
FROM pg_stat_activity AS a
JOIN pg_roles AS me
    ON me.rolname = current_user
LEFT JOIN pg_roles AS target
    ON target.oid = a.usesysid
WHERE a.pid::text = ANY (:keys::text[])
    AND a.datname IS NOT NULL
    AND a.pid <> pg_backend_pid()
ORDER BY a.pid;
