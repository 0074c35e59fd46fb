-- What the catalog says of a version that nodes run; it may not be listed there.

SELECT
    asked.version,
    CASE WHEN u.id IS NULL THEN 'not in the catalog' WHEN u.active THEN 'active' ELSE 'inactive' END AS catalog,
    u."createdAt"::timestamptz AS created_at,
    u.filename,
    u."fileSize" AS file_size,
    u.changelog
FROM (SELECT :key::text AS version) AS asked
LEFT JOIN updates_metadata AS u
    ON regexp_replace(btrim(u.version), '^[vV](?=\d)', '') = asked.version
ORDER BY u.active DESC
LIMIT 1;
