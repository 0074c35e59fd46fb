-- The server as a whole, a row per thing that can go wrong with it.
--
-- A login without pg_monitor sees all of it except other users' transactions and the replicas; a
-- row says so.

WITH here AS MATERIALIZED (
    SELECT
        pg_is_in_recovery() AS is_standby,
        CASE
            WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
            -- Asked as a text: a function that this login may not call is refused as soon as a query
            -- names it, whether it is called or not.
            WHEN has_function_privilege('pg_current_wal_lsn()', 'EXECUTE') THEN substring(
                query_to_xml('SELECT pg_current_wal_lsn() AS lsn', false, false, '')::text
                FROM '<lsn>([0-9A-F]+/[0-9A-F]+)</lsn>'
            )::pg_lsn
        END AS lsn,
        pg_size_bytes(:lag_warn::text) AS lag_warn,
        pg_size_bytes(:retained_warn::text) AS retained_warn,
        pg_size_bytes(:retained_crit::text) AS retained_crit
),
connections AS (
    -- The server's own count: in pg_stat_activity some logins cannot see who is a client.
    SELECT
        sum(numbackends) AS used,
        -- From release 16 on there are also slots for those with pg_use_reserved_connections.
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0) AS allowed
    FROM pg_stat_database
),
oldest AS (
    SELECT a.pid, a.usename, a.state, clock_timestamp() - a.xact_start AS open
    FROM pg_stat_activity AS a
    WHERE a.xact_start IS NOT NULL
        AND a.datname IS NOT NULL
        AND a.pid <> pg_backend_pid()
    ORDER BY a.xact_start
    LIMIT 1
),
wraparound AS (
    SELECT
        max(age(datfrozenxid)) AS xids,
        max(mxid_age(datminmxid)) AS multixacts
    FROM pg_database
),
slot AS (
    SELECT
        s.slot_name,
        s.slot_type,
        s.active,
        s.wal_status,
        pg_wal_lsn_diff(here.lsn, s.restart_lsn) AS retained
    FROM pg_replication_slots AS s
    CROSS JOIN here
),
replica AS (
    SELECT
        r.pid,
        r.application_name,
        host(r.client_addr) AS address,
        r.state,
        r.sync_state,
        r.replay_lag,
        pg_wal_lsn_diff(here.lsn, r.replay_lsn) AS behind
    FROM pg_stat_replication AS r
    CROSS JOIN here
),
fact (rank, subject, item, value, used, severity, why) AS (
    SELECT
        1,
        'version',
        split_part(current_setting('server_version'), ' ', 1),
        NULL,
        NULL::float8,
        'ok',
        'up since ' || to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' Z'
    UNION ALL
    SELECT
        2,
        'role',
        CASE WHEN here.is_standby THEN 'standby' ELSE 'primary' END,
        NULL,
        NULL,
        CASE
            WHEN NOT here.is_standby THEN 'ok'
            WHEN pg_is_wal_replay_paused() THEN 'warn'
            WHEN pg_wal_lsn_diff(pg_last_wal_receive_lsn(), here.lsn) >= here.lag_warn THEN 'warn'
            ELSE 'ok'
        END,
        CASE WHEN here.is_standby THEN
            CASE
                WHEN pg_is_wal_replay_paused() THEN 'replay is paused'
                ELSE concat_ws(
                    ', ',
                    {{size_text(bytes => pg_wal_lsn_diff(pg_last_wal_receive_lsn(), here.lsn))}} || ' not replayed yet',
                    'last change ' || to_char(
                        pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'
                    ) || ' Z'
                )
            END
        END
    FROM here
    UNION ALL
    SELECT
        3,
        'connections',
        'in use',
        c.used || ' of ' || c.allowed,
        100.0 * c.used / c.allowed,
        CASE
            WHEN 100 * c.used >= :connections_full_percent::numeric * c.allowed THEN 'crit'
            WHEN 100 * c.used >= :connections_percent::numeric * c.allowed THEN 'warn'
            ELSE 'ok'
        END,
        CASE WHEN 100 * c.used >= :connections_percent::numeric * c.allowed THEN
            round(100 * c.used / c.allowed) || ' % of what ordinary users may have'
        END
    FROM connections AS c
    UNION ALL
    SELECT
        4,
        'transactions',
        'oldest',
        CASE
            WHEN o.pid IS NULL THEN 'none'
            ELSE date_trunc('second', o.open)::text
        END,
        NULL,
        CASE WHEN o.open >= :transaction_for::interval THEN 'warn' ELSE 'ok' END,
        CASE WHEN o.pid IS NOT NULL THEN format('session %s of %s, %s', o.pid, o.usename, o.state) END
    FROM here
    LEFT JOIN oldest AS o ON true
    UNION ALL
    SELECT
        5,
        'transactions',
        age.item,
        to_char(age.value, 'FM9,999,999,999'),
        100.0 * age.value / 2147483647,
        CASE
            WHEN age.value >= :xid_crit::bigint THEN 'crit'
            WHEN age.value >= :xid_warn::bigint THEN 'warn'
            ELSE 'ok'
        END,
        CASE WHEN age.value >= :xid_warn::bigint THEN 'VACUUM falls behind; at 2.1 billion the server stops writing' END
    FROM wraparound AS w
    CROSS JOIN LATERAL (
        VALUES ('age in ids', w.xids), ('age in multixacts', w.multixacts)
    ) AS age (item, value)
    UNION ALL
    SELECT
        6,
        'database',
        counted.item,
        counted.value,
        NULL,
        'ok',
        CASE WHEN counted.item <> 'size' THEN
            'since ' || to_char(
                coalesce(d.stats_reset, pg_postmaster_start_time()) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'
            ) || ' Z'
        END
    FROM pg_stat_database AS d
    CROSS JOIN LATERAL (
        VALUES
            ('size', {{size_text(bytes => pg_database_size(d.datid))}}),
            ('deadlocks', d.deadlocks::text),
            -- The share of the requested blocks that were already in memory.
            ('cache hits', round(100.0 * d.blks_hit / nullif(d.blks_hit + d.blks_read, 0), 1) || ' %'),
            ('spilled to disk', {{size_text(bytes => d.temp_bytes)}})
    ) AS counted (item, value)
    WHERE d.datname = current_database()
    UNION ALL
    SELECT
        7,
        'replica',
        concat_ws(' ', r.application_name, r.address, '(' || r.pid || ')'),
        {{size_text(bytes => r.behind)}},
        NULL,
        CASE
            WHEN r.state IS NULL THEN 'unknown'
            WHEN r.state = 'streaming' AND here.lsn IS NULL THEN 'unknown'
            WHEN r.state <> 'streaming' OR r.behind >= here.lag_warn THEN 'warn'
            ELSE 'ok'
        END,
        CASE
            WHEN r.state IS NULL THEN 'how far it is needs pg_monitor'
            WHEN r.state = 'streaming' AND here.lsn IS NULL THEN 'how far it is needs EXECUTE on pg_current_wal_lsn'
            WHEN r.state <> 'streaming' THEN r.state
            ELSE concat_ws(', ', r.sync_state, 'replays ' || date_trunc('second', r.replay_lag) || ' later')
        END
    FROM replica AS r
    CROSS JOIN here
    UNION ALL
    SELECT
        8,
        'slot',
        s.slot_name::text,
        {{size_text(bytes => s.retained)}},
        NULL,
        CASE
            WHEN s.wal_status IN ('lost', 'unreserved') OR s.retained >= here.retained_crit THEN 'crit'
            WHEN here.lsn IS NULL THEN 'unknown'
            WHEN s.retained >= here.retained_warn THEN 'warn'
            ELSE 'ok'
        END,
        concat_ws(
            ', ',
            s.slot_type || ' slot retains WAL',
            CASE WHEN NOT s.active THEN 'nobody reads it' END,
            CASE s.wal_status
                WHEN 'lost' THEN 'its WAL is gone: its reader must start anew'
                WHEN 'unreserved' THEN 'its WAL goes at the next checkpoint'
            END
        )
    FROM slot AS s
    CROSS JOIN here
    UNION ALL
    SELECT
        9,
        'archive',
        'WAL',
        NULL,
        NULL,
        CASE WHEN a.last_failed_time > coalesce(a.last_archived_time, '-infinity') THEN 'warn' ELSE 'ok' END,
        CASE WHEN a.last_failed_time > coalesce(a.last_archived_time, '-infinity') THEN
            format('fails at %s, %s times so far', a.last_failed_wal, a.failed_count)
        ELSE
            'last ' || to_char(a.last_archived_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' Z'
        END
    FROM pg_stat_archiver AS a
    WHERE current_setting('archive_mode') <> 'off'
    UNION ALL
    SELECT
        10,
        'privileges',
        current_user::text,
        NULL,
        NULL,
        'unknown',
        'no pg_monitor: what others do, and replicas, are hidden'
    WHERE NOT pg_has_role('pg_read_all_stats', 'USAGE')
    UNION ALL
    SELECT
        10,
        'privileges',
        'pg_current_wal_lsn',
        NULL,
        NULL,
        'unknown',
        'no EXECUTE on it: what slots retain and how far replicas are is not known'
    FROM here
    WHERE here.lsn IS NULL AND NOT here.is_standby
)
SELECT
    severity,
    -- Of what is not as it should be, the subject: role, connections, transactions, replica, slot,
    -- archive, privileges.
    CASE
        WHEN severity = 'ok' THEN NULL
        WHEN item LIKE 'age in %' THEN 'wraparound'
        ELSE subject
    END AS reason,
    why,
    subject,
    item,
    value,
    used
FROM fact
ORDER BY rank, item;
