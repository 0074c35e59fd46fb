-- The clients of one société, in numbers.

SELECT
    CASE WHEN c.live = 0 THEN 'warn' WHEN c.last_at < now() - :stale_after::interval THEN 'warn' ELSE 'ok' END AS severity,
    CASE WHEN c.live = 0 THEN 'none' WHEN c.last_at < now() - :stale_after::interval THEN 'stale' END AS reason,
    c.live AS clients,
    c.fresh,
    c.deleted,
    c.twice,
    c.last_at
FROM (
    SELECT
        count(*) FILTER (WHERE x.deleted_at IS NULL) AS live,
        count(*) FILTER (WHERE x.deleted_at IS NULL AND x.created_at > now() - interval '30 days') AS fresh,
        count(*) FILTER (WHERE x.deleted_at IS NOT NULL) AS deleted,
        count(*) FILTER (WHERE x.deleted_at IS NULL)
            - count(DISTINCT x.code) FILTER (WHERE x.deleted_at IS NULL) AS twice,
        max(greatest(x.created_at, x.updated_at, x.deleted_at)) AS last_at
    FROM clients AS x
) AS c;
