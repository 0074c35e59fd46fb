-- Activates updates that still are as they were seen. The table has no "updatedAt": the transaction that
-- wrote a row last is its version.

UPDATE updates_metadata AS u
SET active = true
FROM unnest(
    :keys::uuid[],
    :seen_active::boolean[], :seen_row_version::text[]
) AS seen (id, active, row_version)
WHERE u.id = seen.id
    AND NOT u.active
    AND u.active IS NOT DISTINCT FROM seen.active
    AND u.xmin::text = seen.row_version
RETURNING
    u.id::text AS key,
    seen.active::text AS before_active,
    seen.row_version AS before_row_version,
    u.active::text AS after_active,
    u.xmin::text AS after_row_version;
