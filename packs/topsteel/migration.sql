-- Steps of the migration that AUTH and its server can tell of, one row each. The checklist "migration" ticks by them; those of
-- SHARED and the sociétés' databases, fleet and parity tell. A step that is not done has a reason of its own: auth_missing,
-- shared_missing, tenants_missing, auth_tables_missing, users_missing, societe_missing, members_missing.

SELECT
    CASE WHEN step.done THEN 'ok' WHEN NOT step.done THEN 'warn' ELSE 'unknown' END AS severity,
    CASE WHEN NOT step.done THEN step.id || '_missing' END AS reason,
    step.id AS step,
    step.says AS what,
    step.done,
    step.told
FROM (
    SELECT 1, 'auth', 'the database AUTH is there', true, current_database()::text
    UNION ALL
    SELECT
        2,
        'shared',
        'the database SHARED is there',
        EXISTS (SELECT FROM pg_database AS d WHERE d.datname = :shared_name::text),
        :shared_name::text
    UNION ALL
    SELECT
        3,
        'tenants',
        'there is a database of a société',
        count(*) > 0,
        'databases: ' || count(*)
    FROM pg_database AS d
    WHERE starts_with(d.datname::text, :tenant_prefix::text || '_')
        AND d.datname NOT IN (current_database(), :shared_name::text)
    UNION ALL
    SELECT
        4,
        'auth_tables',
        'the migration of AUTH was applied',
        EXISTS (SELECT FROM migrations AS m WHERE m.name LIKE 'CreateAuthTables%'),
        (SELECT 'migrations: ' || count(*) FROM migrations)
    UNION ALL
    SELECT 5, 'users', 'users were migrated', count(*) > 0, 'users: ' || count(*)
    FROM users AS u
    WHERE u.deleted_at IS NULL
    UNION ALL
    SELECT
        6,
        'societe',
        'the société of the old data is there',
        count(*) > 0,
        string_agg(s.code || ', database ' || coalesce(s.database_name, 'none'), '; ')
    FROM societes AS s
    WHERE s.deleted_at IS NULL
        AND lower(s.nom) = lower(:default_societe::text)
    UNION ALL
    SELECT
        7,
        'members',
        'every user belongs to a société',
        count(*) = 0,
        'users of none: ' || count(*)
    FROM users AS u
    WHERE u.deleted_at IS NULL
        AND NOT EXISTS (SELECT FROM societe_users AS su WHERE su.user_id = u.id AND su.deleted_at IS NULL)
) AS step (rank, id, says, done, told)
ORDER BY step.rank;
