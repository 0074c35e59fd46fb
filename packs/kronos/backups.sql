-- Backups, the newest first; it alone is judged. Neither a size nor a checksum is kept of them, so that no backup is known
-- to be good. Without any there is one row that says so.

WITH newest AS (
    -- One that is dated in the future says nothing of the last night.
    SELECT b.id
    FROM backups AS b
    WHERE b.created_at <= LOCALTIMESTAMP + interval '5 minutes'
    ORDER BY b.created_at DESC, b.id DESC
    LIMIT 1
)
SELECT
    CASE
        WHEN b.id = 'none' THEN 'crit'
        WHEN b.created_at > LOCALTIMESTAMP + interval '5 minutes' THEN 'warn'
        WHEN b.created_at IS NULL THEN 'unknown'
        WHEN newest.id IS NULL THEN 'off'
        WHEN b.created_at < LOCALTIMESTAMP - :backup_crit::interval THEN 'crit'
        WHEN b.created_at < LOCALTIMESTAMP - :backup_warn::interval THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE
        WHEN b.id = 'none' THEN 'none_at_all'
        WHEN b.created_at > LOCALTIMESTAMP + interval '5 minutes' THEN 'in_future'
        WHEN b.created_at IS NULL THEN 'no_time'
        WHEN newest.id IS NULL THEN 'older'
        WHEN b.created_at < LOCALTIMESTAMP - :backup_crit::interval THEN 'too_old'
        WHEN b.created_at < LOCALTIMESTAMP - :backup_warn::interval THEN 'old'
        ELSE 'unverified'
    END AS reason,
    b.id,
    b.created_at::timestamptz AS created_at,
    b.file_path
FROM (
    SELECT
        b.id::text AS id,
        CASE WHEN isfinite(b.created_at) THEN b.created_at END AS created_at,
        b.file_path
    FROM backups AS b
    UNION ALL
    SELECT
        'none',
        NULL,
        'no backup is recorded'
    WHERE NOT EXISTS (SELECT 1 FROM backups AS b)
) AS b
LEFT JOIN newest
    ON newest.id::text = b.id
ORDER BY b.created_at DESC NULLS LAST, b.id;
