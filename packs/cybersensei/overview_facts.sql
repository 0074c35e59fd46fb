-- The document's global statistics. Numbers to know, not findings: every row is ok.
--
-- Open errors are counted of all time for CRITICAL and of one day for other levels, because no
-- index has open errors. "brief" is the text for the overview, where a number is worth one.

WITH {{levels(level => true, since => {{lookback}})}},
tenant AS MATERIALIZED (
    SELECT
        count(*) AS total,
        count(*) FILTER (WHERE t.active) AS active,
        count(*) FILTER (
            WHERE t.active
                AND coalesce(metric."timestamp", '-infinity') < LOCALTIMESTAMP - :silent_after::interval
        ) AS silent
    FROM tenants AS t
    {{last_metric}}
),
license AS MATERIALIZED (
    SELECT
        l.status::text AS status,
        count(*) AS total,
        count(*) FILTER (WHERE l."expiresAt" <= LOCALTIMESTAMP) AS expired,
        count(*) FILTER (WHERE {{ends_within(days => 1)}}) AS within_1,
        count(*) FILTER (WHERE {{ends_within(days => 7)}}) AS within_7,
        count(*) FILTER (WHERE {{ends_within(days => 30)}}) AS within_30
    FROM licenses AS l
    GROUP BY l.status
),
error AS (
    SELECT
        e.level::text AS level,
        e.source::text AS source,
        count(*) AS total
    FROM {{scan(since => chosen.since, which => NOT resolved)}}
    GROUP BY 1, 2
),
fact (rank, topic, fact, value, total, brief, state, preset, level, source) AS (
    SELECT named.rank, 'tenants', named.fact, named.value, t.total, named.brief, named.state, NULL, NULL, NULL
    FROM tenant AS t
    CROSS JOIN LATERAL (
        VALUES
            (10, 'in total', t.total, NULL, 'all'),
            (11, 'active', t.active, format('%s of %s tenants active', t.active, t.total), 'active'),
            (12, 'active, but silent', t.silent, nullif(t.silent, 0) || ' silent', 'silent'),
            (13, 'inactive', t.total - t.active, NULL, 'inactive')
    ) AS named (rank, fact, value, brief, state)
    UNION ALL
    SELECT
        CASE WHEN l.status = 'ACTIVE' THEN 20 ELSE 21 END,
        'licenses',
        l.status,
        l.total,
        sum(l.total) OVER (),
        l.total || CASE WHEN l.status = 'ACTIVE' THEN ' licenses ' ELSE ' ' END || l.status,
        NULL,
        l.status,
        NULL,
        NULL
    FROM license AS l
    UNION ALL
    SELECT
        named.rank,
        'licenses',
        named.fact,
        named.value,
        NULL,
        nullif(named.value, 0) || ' ' || named.fact,
        NULL,
        named.preset,
        NULL,
        NULL
    FROM (
        SELECT
            coalesce(sum(expired), 0) AS expired,
            coalesce(sum(within_1), 0) AS within_1,
            coalesce(sum(within_7), 0) AS within_7,
            coalesce(sum(within_30), 0) AS within_30
        FROM license
        WHERE status = 'ACTIVE'
    ) AS l
    CROSS JOIN LATERAL (
        VALUES
            (30, 'ACTIVE but expired', l.expired, 'ACTIVE but expired'),
            (31, 'to expire within 1 day', l.within_1, 'within 1 day'),
            (32, 'to expire within 7 days', l.within_7, 'within 7 days'),
            (33, 'to expire within 30 days', l.within_30, 'within 30 days')
    ) AS named (rank, fact, value, preset)
    UNION ALL
    SELECT
        40,
        'open errors',
        concat_ws(' ', e.level, e.source) || CASE WHEN e.level <> 'CRITICAL' THEN ', last ' || :other_levels_back::text ELSE '' END,
        e.total,
        NULL,
        CASE WHEN e.level = 'CRITICAL' THEN concat_ws(' ', e.total, 'open', e.level, e.source) END,
        NULL,
        NULL,
        e.level,
        e.source
    FROM error AS e
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
    preset,
    level,
    source
FROM fact
ORDER BY rank, fact;
