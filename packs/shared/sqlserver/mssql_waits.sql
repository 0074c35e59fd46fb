-- What the server has waited for since it was started, the longest first. Waits that are rest are left out. It needs
-- VIEW SERVER STATE.

SELECT TOP (30)
    'ok' AS severity,
    CAST(NULL AS nvarchar(1)) AS why,
    w.wait_type,
    w.waiting_tasks_count AS waits,
    w.wait_time_ms AS waited,
    w.wait_time_ms - w.signal_wait_time_ms AS for_resource,
    w.signal_wait_time_ms AS for_processor,
    w.wait_time_ms / NULLIF(w.waiting_tasks_count, 0) AS each_one,
    w.max_wait_time_ms AS longest,
    CAST(100.0 * w.wait_time_ms / NULLIF(SUM(w.wait_time_ms) OVER (), 0) AS float) AS share
FROM sys.dm_os_wait_stats AS w
WHERE w.waiting_tasks_count > 0
    AND w.wait_type NOT LIKE 'SLEEP[_]%'
    AND w.wait_type NOT LIKE 'BROKER[_]%'
    AND w.wait_type NOT LIKE 'XE[_]%'
    AND w.wait_type NOT LIKE 'HADR[_]%'
    AND w.wait_type NOT LIKE 'QDS[_]%'
    AND w.wait_type NOT LIKE 'SQLTRACE[_]%'
    AND w.wait_type NOT LIKE 'PREEMPTIVE[_]%'
    AND w.wait_type NOT LIKE 'FT[_]%'
    AND w.wait_type NOT LIKE 'DBMIRROR%'
    AND w.wait_type NOT LIKE 'PWAIT[_]%'
    AND w.wait_type NOT LIKE 'SP[_]SERVER[_]DIAGNOSTICS%'
    AND w.wait_type NOT LIKE 'PARALLEL[_]REDO%'
    AND w.wait_type NOT IN (
        'CHECKPOINT_QUEUE', 'CHKPT', 'CLR_AUTO_EVENT', 'CLR_MANUAL_EVENT', 'CLR_SEMAPHORE', 'DIRTY_PAGE_POLL',
        'DISPATCHER_QUEUE_SEMAPHORE', 'EXECSYNC', 'KSOURCE_WAKEUP', 'LAZYWRITER_SLEEP', 'LOGMGR_QUEUE',
        'MEMORY_ALLOCATION_EXT', 'ONDEMAND_TASK_QUEUE', 'REDO_THREAD_PENDING_WORK', 'REQUEST_FOR_DEADLOCK_SEARCH',
        'RESOURCE_QUEUE', 'SERVER_IDLE_CHECK', 'SNI_HTTP_ACCEPT', 'SOS_WORK_DISPATCHER', 'STARTUP_DEPENDENCY_MANAGER',
        'UCS_SESSION_REGISTRATION', 'VDI_CLIENT_OTHER', 'WAIT_FOR_RESULTS', 'WAITFOR', 'WAIT_XTP_RECOVERY'
    )
ORDER BY w.wait_time_ms DESC;
