-- Orders a day of one société, also on days without one.

SELECT
    slot AS "time",
    count(x.id)::float8 AS value
FROM generate_series(date_trunc('day', now() - :window::interval), now(), interval '1 day') AS slot
LEFT JOIN commandes AS x
    ON x.created_at >= slot
    AND x.created_at < slot + interval '1 day'
    AND x.deleted_at IS NULL
WHERE :key::text IS NOT NULL
GROUP BY slot
ORDER BY slot;
