-- Who may administer the system. The password hash is not selected, and the dashboard's login
-- needs no right to it: name columns here, never "*".

SELECT
    CASE WHEN a.active AND flag.words <> '' THEN 'warn' ELSE 'ok' END AS severity,
    CASE WHEN a.active THEN nullif(flag.words, '') ELSE 'inactive' END AS why,
    a.id,
    a.name,
    a.email,
    a.role::text AS role,
    a.active,
    a.last_login_at::timestamptz AS last_login_at,
    a.created_at::timestamptz AS created_at
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
    SELECT concat_ws(
        '; ',
        CASE
            WHEN a.last_login_at IS NULL THEN 'never logged in'
            WHEN a.last_login_at < LOCALTIMESTAMP - :login_within::interval THEN
                format('last login %sd ago', extract(epoch FROM LOCALTIMESTAMP - a.last_login_at)::bigint / 86400)
        END,
        CASE
            WHEN a.is_superadmin AND a.superadmins > :superadmins::int THEN
                format('one of %s active SUPERADMIN, more than %s', a.superadmins, :superadmins::int)
        END
    ) AS words
) AS flag
WHERE :search::text IS NULL
    OR strpos(lower(concat_ws(' ', a.name, a.email, a.role::text)), lower(:search::text)) > 0
ORDER BY a.active DESC, a.role::text = 'SUPERADMIN' DESC, a.last_login_at NULLS FIRST, a.name;
