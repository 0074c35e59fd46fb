-- The migrations of one database, the newest first.

SELECT
    m.name AS migration,
    to_char(to_timestamp(m.timestamp / 1000.0), 'YYYY-MM-DD') AS made
FROM migrations AS m
WHERE :key::text IS NOT NULL
ORDER BY m.timestamp DESC, m.id DESC;
