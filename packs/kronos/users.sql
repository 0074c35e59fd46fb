-- Who has an account, and with which role. The password hash is not selected, and the dashboard's login needs no right to
-- it: name columns here, never "*".

SELECT
    CASE WHEN cardinality(found.reasons) > 0 THEN 'warn' ELSE 'ok' END AS severity,
    found.reasons AS reason,
    u.id,
    u.username,
    u.email,
    u.role_id,
    r.name AS role,
    cardinality(r.permissions) AS permissions,
    session.active AS sessions,
    {{finite(time => u.created_at)}} AS created_at
FROM users AS u
LEFT JOIN roles AS r
    ON r.id = u.role_id
LEFT JOIN (
    SELECT
        s.user_id,
        count(*) FILTER (WHERE s.expires_at > LOCALTIMESTAMP OR s.expires_at IS NULL) AS active
    FROM sessions AS s
    GROUP BY s.user_id
) AS session
    ON session.user_id = u.id
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN u.role_id IS NULL THEN 'no_role' END,
        CASE WHEN u.role_id IS NULL AND session.active > 0 THEN 'in_without_role' END,
        CASE WHEN cardinality(r.permissions) = 0 THEN 'may_nothing' END
    ], NULL) AS reasons
) AS found
WHERE (:user::int IS NULL OR u.id = :user::int)
    AND (:role::int IS NULL OR u.role_id = :role::int)
    AND (:which::text = 'all' OR u.role_id IS NULL)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', u.username, u.email, r.name)), lower(:search::text)) > 0)
ORDER BY u.username;
