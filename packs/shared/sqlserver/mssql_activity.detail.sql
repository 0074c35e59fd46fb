-- One session.

SELECT
    s.session_id,
    s.login_name,
    s.original_login_name,
    s.host_name,
    s.program_name,
    s.client_interface_name,
    s.status,
    s.open_transaction_count,
    CASE s.transaction_isolation_level
        WHEN 1 THEN 'read uncommitted'
        WHEN 2 THEN 'read committed'
        WHEN 3 THEN 'repeatable read'
        WHEN 4 THEN 'serializable'
        WHEN 5 THEN 'snapshot'
    END AS isolation,
    CASE WHEN s.lock_timeout >= 0 THEN s.lock_timeout END AS lock_timeout,
    s.deadlock_priority,
    {{server_time(time => s.login_time)}} AS connected_at,
    {{server_time(time => s.last_request_start_time)}} AS request_at,
    {{server_time(time => NULLIF(s.last_request_end_time, '19000101'))}} AS idle_at,
    CAST(s.cpu_time AS bigint) AS cpu_time,
    s.reads,
    s.writes,
    s.logical_reads,
    s.row_count
FROM sys.dm_exec_sessions AS s
WHERE s.session_id = TRY_CAST(:key AS int);
