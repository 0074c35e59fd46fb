-- How many users have which role.

SELECT
    CASE WHEN held.dormant > 0 THEN 'warn' ELSE 'ok' END AS severity,
    CASE WHEN held.dormant > 0 THEN 'dormant' WHEN held.users IS NULL THEN 'nobody' END AS reason,
    coalesce(role.name, held.role) AS role,
    coalesce(held.users, 0) AS users,
    coalesce(held.active, 0) AS active,
    coalesce(held.dormant, 0) AS dormant,
    (100.0 * held.users / sum(held.users) OVER ())::float8 AS share,
    held.clients,
    held.last_login_at
FROM (VALUES ('owner', 1), ('admin', 2), ('developer', 3), ('viewer', 4)) AS role (name, rank)
FULL JOIN (
    SELECT
        u.role::text AS role,
        count(*) AS users,
        count(*) FILTER (WHERE u.status = 'active') AS active,
        count(*) FILTER (WHERE u.status = 'active' AND u.last_login_at < now() - :dormant_after::interval) AS dormant,
        count(DISTINCT u.client_id) AS clients,
        max(u.last_login_at) AS last_login_at
    FROM users AS u
    WHERE {{of_scope(of => u)}}
    GROUP BY u.role
) AS held
    ON held.role = role.name
ORDER BY role.rank NULLS LAST, held.role;
