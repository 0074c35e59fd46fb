-- The catalog of updates, the highest version first. What is wrong with a package, only the file
-- store can tell: here an active one is ok. (The document's diagram says "updates_meta"; the table is
-- updates_metadata.)

SELECT
    CASE WHEN u.active THEN 'ok' ELSE 'off' END AS severity,
    CASE WHEN NOT u.active THEN 'inactive' END AS reason,
    u.id,
    u.version,
    u.filename,
    u."fileSize" AS file_size,
    u."mongoFileId" AS mongo_file_id,
    u.checksum,
    u.active,
    u."createdAt"::timestamptz AS created_at
FROM updates_metadata AS u
WHERE :search::text IS NULL
    OR strpos(lower(concat_ws(' ', u.version, u.filename)), lower(:search::text)) > 0
ORDER BY
    -- Semantic order: 1.10.0 is above 1.9.0, and 2.0.0 above 2.0.0-rc.1.
    ARRAY(
        SELECT part[1]::numeric
        FROM regexp_matches(split_part(split_part(u.version, '+', 1), '-', 1), '\d+', 'g') AS part
    ) DESC,
    split_part(u.version, '+', 1) LIKE '%-%',
    u.version DESC;
