-- Gives updates back the state that they had, where they still are as we left them.

UPDATE updates_metadata AS u
SET active = ours.before_active
FROM unnest(
    :keys::uuid[],
    :before_active::boolean[],
    :after_active::boolean[], :after_row_version::text[]
) AS ours (
    id,
    before_active,
    after_active, after_row_version
)
WHERE u.id = ours.id
    AND u.active IS NOT DISTINCT FROM ours.after_active
    AND u.xmin::text = ours.after_row_version
RETURNING
    u.id::text AS key,
    ours.after_active::text AS before_active,
    ours.after_row_version AS before_row_version,
    u.active::text AS after_active,
    u.xmin::text AS after_row_version;
