-- The server and this database, a row per thing that can go wrong with it. All of it any login sees that may connect to the
-- database; what needs more has views of its own, and a row says so.
-- Names and words of the catalog are in collations of their own: without COLLATE the rows below could not be put together.
WITH here AS (
    SELECT
        d.name COLLATE DATABASE_DEFAULT AS name,
        d.state_desc COLLATE DATABASE_DEFAULT AS state_desc,
        d.user_access_desc COLLATE DATABASE_DEFAULT AS user_access_desc,
        d.recovery_model_desc COLLATE DATABASE_DEFAULT AS recovery_model_desc,
        d.compatibility_level,
        d.is_read_committed_snapshot_on,
        d.snapshot_isolation_state_desc COLLATE DATABASE_DEFAULT AS snapshot_isolation_state_desc,
        d.is_auto_close_on,
        d.is_auto_shrink_on,
        d.page_verify_option_desc COLLATE DATABASE_DEFAULT AS page_verify_option_desc,
        d.log_reuse_wait_desc COLLATE DATABASE_DEFAULT AS log_reuse_wait_desc,
        CAST(DATABASEPROPERTYEX(d.name, 'Updateability') AS nvarchar(60)) AS updateability
    FROM sys.databases AS d
    WHERE d.database_id = DB_ID()
),
-- Sizes in pages of 8 KiB. What a file may grow to is NULL where only the disk bounds it.
stored AS (
    SELECT
        f.name COLLATE DATABASE_DEFAULT AS name,
        f.type_desc COLLATE DATABASE_DEFAULT AS type_desc,
        f.state_desc COLLATE DATABASE_DEFAULT AS state_desc,
        CAST(f.size AS bigint) AS size,
        CAST(FILEPROPERTY(f.name, 'SpaceUsed') AS bigint) AS used,
        CASE
            WHEN f.growth = 0 OR f.max_size = 0 THEN CAST(f.size AS bigint)
            WHEN f.max_size IN (-1, 268435456) THEN NULL
            ELSE CAST(f.max_size AS bigint)
        END AS most
    FROM sys.database_files AS f
    WHERE f.type IN (0, 1)
),
full_file AS (
    SELECT s.*, 100.0 * s.used / NULLIF(COALESCE(s.most, s.size), 0) AS percent_used
    FROM stored AS s
),
fact (rank, subject, item, value, used, severity, reason, why) AS (
    SELECT
        1,
        'version',
        CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(60)),
        CAST(SERVERPROPERTY('Edition') AS nvarchar(128)),
        CAST(NULL AS float),
        'ok',
        CAST(NULL AS nvarchar(60)),
        CONCAT('up since ', (SELECT CONVERT(nvarchar(16), t.create_date, 120) FROM sys.databases AS t WHERE t.name = N'tempdb'))
    UNION ALL
    SELECT
        2,
        'database',
        'state',
        h.state_desc,
        NULL,
        CASE WHEN h.state_desc <> 'ONLINE' OR h.user_access_desc <> 'MULTI_USER' THEN 'warn' ELSE 'ok' END,
        CASE WHEN h.state_desc <> 'ONLINE' OR h.user_access_desc <> 'MULTI_USER' THEN 'state' END,
        CONCAT_WS(', ', h.name, h.user_access_desc, CASE WHEN h.updateability <> 'READ_WRITE' THEN 'read only' END)
    FROM here AS h
    UNION ALL
    SELECT
        2,
        'database',
        'readers',
        CASE WHEN h.is_read_committed_snapshot_on = 1 THEN 'wait for nobody' ELSE 'wait for writers' END,
        NULL,
        CASE WHEN h.is_read_committed_snapshot_on = 1 THEN 'ok' ELSE 'warn' END,
        CASE WHEN h.is_read_committed_snapshot_on = 1 THEN NULL ELSE 'readers' END,
        CONCAT(
            'READ_COMMITTED_SNAPSHOT ', CASE WHEN h.is_read_committed_snapshot_on = 1 THEN 'ON' ELSE 'OFF' END,
            ', snapshot isolation ', h.snapshot_isolation_state_desc
        )
    FROM here AS h
    UNION ALL
    SELECT
        2,
        'database',
        'compatibility',
        CAST(h.compatibility_level AS nvarchar(10)),
        NULL,
        CASE WHEN h.compatibility_level < 130 THEN 'warn' ELSE 'ok' END,
        CASE WHEN h.compatibility_level < 130 THEN 'compatibility' END,
        CASE WHEN h.compatibility_level < 130 THEN 'below 130: OPENJSON is not known' END
    FROM here AS h
    UNION ALL
    SELECT
        2,
        'database',
        'habits',
        CASE WHEN h.is_auto_close_on = 1 OR h.is_auto_shrink_on = 1 THEN 'costly' ELSE 'fine' END,
        NULL,
        CASE
            WHEN h.is_auto_close_on = 1 OR h.is_auto_shrink_on = 1 OR h.page_verify_option_desc <> 'CHECKSUM' THEN 'warn'
            ELSE 'ok'
        END,
        CASE
            WHEN h.is_auto_close_on = 1 OR h.is_auto_shrink_on = 1 OR h.page_verify_option_desc <> 'CHECKSUM' THEN 'habits'
        END,
        CONCAT_WS(
            ', ',
            CASE WHEN h.is_auto_close_on = 1 THEN 'AUTO_CLOSE ON' END,
            CASE WHEN h.is_auto_shrink_on = 1 THEN 'AUTO_SHRINK ON' END,
            CONCAT('PAGE_VERIFY ', h.page_verify_option_desc)
        )
    FROM here AS h
    UNION ALL
    SELECT
        3,
        'log',
        'reuse waits for',
        h.log_reuse_wait_desc,
        NULL,
        CASE WHEN h.log_reuse_wait_desc IN ('ACTIVE_TRANSACTION', 'REPLICATION', 'AVAILABILITY_REPLICA') THEN 'warn' ELSE 'ok' END,
        CASE WHEN h.log_reuse_wait_desc IN ('ACTIVE_TRANSACTION', 'REPLICATION', 'AVAILABILITY_REPLICA') THEN 'log_reuse' END,
        CONCAT('recovery model ', h.recovery_model_desc)
    FROM here AS h
    UNION ALL
    SELECT
        CASE WHEN f.type_desc = 'LOG' THEN 3 ELSE 4 END,
        CASE WHEN f.type_desc = 'LOG' THEN 'log' ELSE 'data' END,
        f.name,
        CONCAT(CAST(f.size / 128 AS nvarchar(20)), ' MiB'),
        CAST(f.percent_used AS float),
        CASE
            WHEN f.state_desc <> 'ONLINE' THEN 'crit'
            WHEN f.used IS NULL THEN 'unknown'
            WHEN f.most IS NOT NULL AND f.percent_used >= CAST(:full_percent AS float) THEN 'crit'
            WHEN f.most IS NOT NULL AND f.percent_used >= CAST(:filling_percent AS float) THEN 'warn'
            ELSE 'ok'
        END,
        CASE
            WHEN f.state_desc <> 'ONLINE' THEN 'state'
            WHEN f.used IS NULL THEN 'use_not_visible'
            WHEN f.most IS NOT NULL AND f.percent_used >= CAST(:filling_percent AS float) THEN 'filling'
        END,
        CONCAT_WS(
            ', ',
            CASE WHEN f.state_desc <> 'ONLINE' THEN f.state_desc END,
            CASE WHEN f.used IS NOT NULL THEN CONCAT(CAST(f.used / 128 AS nvarchar(20)), ' MiB in use') END,
            CASE
                WHEN f.most IS NULL THEN 'grows as far as the disk goes'
                WHEN f.most = f.size THEN 'does not grow'
                ELSE CONCAT('grows to ', CAST(f.most / 128 AS nvarchar(20)), ' MiB')
            END
        )
    FROM full_file AS f
    UNION ALL
    SELECT
        5,
        'privileges',
        CAST(SUSER_SNAME() AS nvarchar(128)),
        NULL,
        NULL,
        'unknown',
        'privileges',
        'no VIEW SERVER STATE: what others do, waits and missing indexes are hidden'
    WHERE {{sees_server}} = 0
)
SELECT
    severity,
    reason,
    why,
    subject,
    item,
    value,
    used
FROM fact
ORDER BY rank, item;
