-- One database. :key is its name.

SELECT
    :key::text AS database,
    pg_get_userbyid(d.datdba) AS owner,
    (SELECT count(*) FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')) AS tables,
    s.deadlocks,
    s.xact_rollback AS rolled_back,
    s.stats_reset AS counted_since,
    current_setting('server_version') AS version,
    host(inet_server_addr()) || ':' || inet_server_port() AS server
FROM pg_database AS d
JOIN pg_stat_database AS s
    ON s.datid = d.oid
WHERE d.datname = current_database();
