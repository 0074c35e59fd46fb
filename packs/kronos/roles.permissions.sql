-- What a role grants, and which other roles grant it too.

SELECT
    granted.permission,
    strpos(granted.permission, '*') > 0 AS wildcard,
    (
        SELECT string_agg(other.name, ', ' ORDER BY other.name)
        FROM roles AS other
        WHERE other.id <> r.id
            AND granted.permission = ANY (other.permissions)
    ) AS also
FROM roles AS r
CROSS JOIN LATERAL unnest(r.permissions) WITH ORDINALITY AS granted (permission, position)
WHERE r.id = :key::int
ORDER BY granted.position;
