-- What there is how much of in AUTH. Numbers to know, not findings: every row is ok.

WITH account AS (
    SELECT
        count(*) FILTER (WHERE u.deleted_at IS NULL) AS live,
        count(*) FILTER (WHERE u.deleted_at IS NOT NULL) AS deleted,
        count(*) FILTER (WHERE u.deleted_at IS NULL AND NOT EXISTS (
            SELECT FROM societe_users AS su WHERE su.user_id = u.id AND su.deleted_at IS NULL
        )) AS without_societe
    FROM users AS u
),
societe AS (
    SELECT
        count(*) FILTER (WHERE s.deleted_at IS NULL) AS live,
        count(*) FILTER (WHERE s.deleted_at IS NOT NULL) AS deleted,
        count(*) FILTER (WHERE s.deleted_at IS NULL AND s.status <> 'ACTIVE') AS suspended
    FROM societes AS s
),
session AS (
    SELECT
        count(*) FILTER (WHERE s.expires_at > now()) AS active,
        count(*) FILTER (WHERE s.expires_at <= now()) AS expired,
        count(*) FILTER (WHERE s.expires_at < now() - :purge_after::interval) AS old
    FROM user_sessions AS s
),
fact (rank, topic, fact, value, brief, state, which) AS (
    SELECT 10, 'sociétés', named.fact, named.value, named.brief, NULL, NULL
    FROM societe AS s
    CROSS JOIN LATERAL (
        VALUES
            ('in use', s.live, {{counted(n => s.live, one => 'société', many => 'sociétés')}}),
            ('suspended', s.suspended, nullif(s.suspended, 0) || ' suspended'),
            ('deleted', s.deleted, NULL)
    ) AS named (fact, value, brief)
    UNION ALL
    SELECT 20, 'users', named.fact, named.value, named.brief, NULL, named.which
    FROM account AS a
    CROSS JOIN LATERAL (
        VALUES
            ('in use', a.live, {{counted(n => a.live, one => 'user', many => 'users')}}, 'all'),
            ('without a société', a.without_societe, nullif(a.without_societe, 0) || ' without a société', 'without a société'),
            ('deleted', a.deleted, NULL, NULL)
    ) AS named (fact, value, brief, which)
    UNION ALL
    SELECT 30, 'sessions', named.fact, named.value, named.brief, named.state, NULL
    FROM session AS s
    CROSS JOIN LATERAL (
        VALUES
            ('active', s.active, {{counted(n => s.active, one => 'active session', many => 'active sessions')}}, 'ACTIVE'),
            ('expired', s.expired, NULL, 'EXPIRED'),
            ('to be purged', s.old, nullif(s.old, 0) || ' to be purged', 'OLD')
    ) AS named (fact, value, brief, state)
)
SELECT
    'ok' AS severity,
    NULL::text AS why,
    topic,
    fact,
    value::bigint AS value,
    brief,
    state,
    which
FROM fact
ORDER BY rank, fact;
