-- Updates as they are now, before they are activated or deactivated. The view's rows are named
-- catalog:<id>. A file that only the file store has is no update.

SELECT
    u.id::text AS key,
    'catalog:' || u.id AS row,
    'version ' || u.version AS release,
    u.filename,
    -- The action compares these columns with those of the file that was verified.
    u."mongoFileId" AS mongo_file_id,
    u.checksum,
    u.active::text AS active,
    u.xmin::text AS row_version
FROM updates_metadata AS u
WHERE u.id IN (
    SELECT
        CASE
            WHEN given.key ~ '^(catalog:)?[0-9a-fA-F-]{36}$'
                THEN regexp_replace(given.key, '^catalog:', '')::uuid
        END
    FROM unnest(:keys::text[]) AS given (key)
)
ORDER BY u.id;
