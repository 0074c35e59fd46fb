-- One entry of the catalog, whole.

SELECT
    u.id,
    u.version,
    u.filename,
    u.active,
    u."fileSize" AS file_size,
    u."mongoFileId" AS mongo_file_id,
    u.checksum,
    u.changelog,
    u.metadata,
    u."createdAt"::timestamptz AS created_at
FROM updates_metadata AS u
WHERE u.id = :key::uuid;
