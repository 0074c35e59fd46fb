-- Roles, what they grant, and who has them.

SELECT
    CASE WHEN cardinality(found.reasons) > 0 THEN 'warn' ELSE 'ok' END AS severity,
    found.reasons AS reason,
    r.id,
    r.name,
    r.users,
    cardinality(r.permissions) AS granted,
    r.wildcards,
    array_to_string(r.permissions, ', ') AS permissions
FROM (
    SELECT
        r.*,
        {{wildcards(of => r.permissions)}} AS wildcards,
        (SELECT count(*) FROM users AS u WHERE u.role_id = r.id) AS users
    FROM roles AS r
    OFFSET 0
) AS r
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN r.wildcards > 0 THEN 'wildcard' END,
        CASE WHEN r.users = 0 THEN 'unused' END,
        CASE WHEN cardinality(r.permissions) = 0 THEN 'grants_nothing' END
    ], NULL) AS reasons
) AS found
WHERE :role::int IS NULL OR r.id = :role::int
ORDER BY r.users DESC, r.name;
