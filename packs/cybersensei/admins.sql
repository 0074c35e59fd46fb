-- Who may administer the system. The password hash is not selected, and the dashboard's login
-- needs no right to it: name columns here, never "*".

SELECT
    CASE
        WHEN NOT a.active THEN 'off'
        WHEN cardinality(flag.reasons) > 0 THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE WHEN a.active THEN flag.reasons ELSE ARRAY['inactive'] END AS reason,
    a.id,
    a.name,
    a.email,
    a.role::text AS role,
    a.active,
    a.last_login_at::timestamptz AS last_login_at,
    a.created_at::timestamptz AS created_at,
    a.superadmins,
    :superadmins::int AS most_superadmins
FROM (
    SELECT
        u.id,
        u.name,
        u.email,
        u.role,
        u.active,
        CASE WHEN isfinite(u."lastLoginAt") THEN u."lastLoginAt" END AS last_login_at,
        u."createdAt" AS created_at,
        u.active AND u.role::text = 'SUPERADMIN' AS is_superadmin,
        count(*) FILTER (WHERE u.active AND u.role::text = 'SUPERADMIN') OVER () AS superadmins
    FROM admin_users AS u
) AS a
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE
            WHEN a.last_login_at IS NULL THEN 'never_logged_in'
            WHEN a.last_login_at < LOCALTIMESTAMP - :login_within::interval THEN 'dormant'
        END,
        CASE WHEN a.is_superadmin AND a.superadmins > :superadmins::int THEN 'too_many' END
    ], NULL) AS reasons
) AS flag
WHERE :search::text IS NULL
    OR strpos(lower(concat_ws(' ', a.name, a.email, a.role::text)), lower(:search::text)) > 0
ORDER BY a.active DESC, a.role::text = 'SUPERADMIN' DESC, a.last_login_at NULLS FIRST, a.name;
