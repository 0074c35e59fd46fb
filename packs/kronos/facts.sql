-- What there is how much of. Numbers to know, not findings: every row is ok.

WITH session AS (
    SELECT
        count(*) FILTER (WHERE s.expires_at > LOCALTIMESTAMP) AS active,
        count(*) FILTER (WHERE s.expires_at IS NULL) AS endless,
        count(*) FILTER (WHERE s.expires_at <= LOCALTIMESTAMP) AS expired
    FROM sessions AS s
),
account AS (
    SELECT
        count(*) AS total,
        count(*) FILTER (WHERE u.role_id IS NULL) AS without_role
    FROM users AS u
),
cached AS (
    SELECT
        count(*) AS total,
        count(*) FILTER (WHERE c.expires_at <= LOCALTIMESTAMP) AS expired
    FROM cache AS c
),
waiting AS (
    SELECT
        count(*) AS total,
        date_trunc('second', LOCALTIMESTAMP - min(m.created_at)) AS oldest
    FROM message_queue AS m
    WHERE {{pending(status => m.status)}}
),
error AS (
    SELECT
        l.service_name,
        count(*) AS total
    FROM logs AS l
    WHERE l.timestamp > LOCALTIMESTAMP - interval '1 hour'
        AND {{level(of => l.level)}} IN ('ERROR', 'CRITICAL')
    GROUP BY l.service_name
),
backup AS (
    SELECT date_trunc('minute', LOCALTIMESTAMP - max(b.created_at)) AS age
    FROM backups AS b
    WHERE b.created_at <= LOCALTIMESTAMP
),
fact (rank, topic, fact, value, total, brief, state, which, service) AS (
    SELECT
        10, 'sessions', named.fact, named.value, s.active + s.endless + s.expired, named.brief, named.state, NULL, NULL
    FROM session AS s
    CROSS JOIN LATERAL (
        VALUES
            ('active', s.active, {{counted(n => s.active, one => 'active session', many => 'active sessions')}}, 'ACTIVE'),
            ('expired, still stored', s.expired, nullif(s.expired, 0) || ' expired', 'EXPIRED'),
            ('without an end', s.endless, nullif(s.endless, 0) || ' without an end', 'NO EXPIRY')
    ) AS named (fact, value, brief, state)
    UNION ALL
    SELECT 20, 'users', named.fact, named.value, a.total, named.brief, NULL, named.which, NULL
    FROM account AS a
    CROSS JOIN LATERAL (
        VALUES
            ('in total', a.total, NULL, 'all'),
            ('without a role', a.without_role, {{counted(n => nullif(a.without_role, 0), one => 'user without a role', many => 'users without a role')}}, 'without a role')
    ) AS named (fact, value, brief, which)
    UNION ALL
    SELECT
        30, 'errors of the last hour', e.service_name, e.total, sum(e.total) OVER (),
        {{counted(n => e.total, one => 'error/h', many => 'errors/h')}} || ' ' || e.service_name, NULL, NULL, e.service_name
    FROM error AS e
    UNION ALL
    SELECT 40, 'queue', 'pending', w.total, NULL, w.total || ' pending' || coalesce(', oldest ' || w.oldest, ''), NULL, NULL, NULL
    FROM waiting AS w
    UNION ALL
    SELECT 50, 'cache', named.fact, named.value, c.total, named.brief, named.state, NULL, NULL
    FROM cached AS c
    CROSS JOIN LATERAL (
        VALUES
            ('entries', c.total, c.total || ' cached', 'all'),
            ('expired, still stored', c.expired, nullif(c.expired, 0) || ' of them expired', 'EXPIRED')
    ) AS named (fact, value, brief, state)
    UNION ALL
    SELECT
        60, 'backups', 'hours since the last', floor(extract(epoch FROM b.age) / 3600)::bigint, NULL,
        coalesce('last backup ' || b.age || ' ago', 'no backup'), NULL, NULL, NULL
    FROM backup AS b
)
SELECT
    'ok' AS severity,
    NULL::text AS why,
    topic,
    fact,
    value::bigint AS value,
    (100.0 * value / nullif(total, 0))::float8 AS share,
    brief,
    state,
    which,
    service
FROM fact
ORDER BY rank, fact;
