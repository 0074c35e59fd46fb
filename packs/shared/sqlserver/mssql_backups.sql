-- The last backup of each kind of this database, as msdb has recorded it. It needs the right to read msdb.dbo.backupset, and
-- knows nothing of copies that were made in another way.

WITH kind (kind, type) AS (
    SELECT k.kind, k.type
    FROM (VALUES ('full', 'D'), ('differential', 'I'), ('log', 'L')) AS k (kind, type)
),
here AS (
    SELECT d.recovery_model_desc
    FROM sys.databases AS d
    WHERE d.database_id = DB_ID()
)
SELECT
    CASE found.reason
        WHEN 'none_at_all' THEN 'crit'
        WHEN 'too_old' THEN 'warn'
        WHEN 'log_not_backed_up' THEN 'warn'
        WHEN 'not_needed' THEN 'off'
        ELSE 'ok'
    END AS severity,
    found.reason,
    k.kind,
    {{server_time(time => last.finished)}} AS finished_at,
    DATEDIFF(SECOND, last.started, last.finished) * CAST(1000 AS bigint) AS took,
    last.size,
    last.is_copy_only,
    last.has_checksums,
    here.recovery_model_desc AS recovery_model
FROM kind AS k
CROSS JOIN here
OUTER APPLY (
    SELECT TOP (1)
        b.backup_start_date AS started,
        b.backup_finish_date AS finished,
        CAST(b.compressed_backup_size AS bigint) AS size,
        b.is_copy_only,
        b.has_backup_checksums AS has_checksums
    FROM msdb.dbo.backupset AS b
    WHERE b.database_name = DB_NAME()
        AND b.type = k.type
    ORDER BY b.backup_finish_date DESC
) AS last
CROSS APPLY (
    SELECT CASE
        WHEN k.kind = 'full' AND last.finished IS NULL THEN 'none_at_all'
        WHEN k.kind = 'full' AND last.finished < DATEADD(HOUR, -CAST(:full_hours AS int), SYSDATETIME()) THEN 'too_old'
        WHEN k.kind = 'log' AND here.recovery_model_desc = 'SIMPLE' THEN 'not_needed'
        WHEN k.kind = 'log'
            AND COALESCE(last.finished, '19000101') < DATEADD(HOUR, -CAST(:log_hours AS int), SYSDATETIME()) THEN 'log_not_backed_up'
        WHEN k.kind = 'differential' AND last.finished IS NULL THEN 'not_needed'
    END AS reason
) AS found
ORDER BY k.kind;
