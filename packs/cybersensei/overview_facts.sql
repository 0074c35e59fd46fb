-- The document's global statistics. Numbers to know, not findings: every row is ok.
-- Open errors: CRITICAL ever, other levels one day, for no index finds what is open.
\set silent_after '\'1 hour\''
\set other_levels_back '\'1 day\''

WITH chosen AS MATERIALIZED (
    SELECT
        label,
        CASE
            WHEN label::text = 'CRITICAL' THEN '-infinity'
            ELSE LOCALTIMESTAMP - :other_levels_back::interval
        END AS since
    FROM unnest(enum_range((SELECT level FROM error_logs WHERE false))) AS label
),
counted_tenants AS MATERIALIZED (
    SELECT
        count(*) AS total,
        count(*) FILTER (WHERE t.active) AS active,
        count(*) FILTER (
            WHERE t.active
                AND coalesce(metric."timestamp", '-infinity') < LOCALTIMESTAMP - :silent_after::interval
        ) AS silent
    FROM tenants AS t
    LEFT JOIN LATERAL (
        SELECT m."timestamp"
        FROM tenant_metrics AS m
        WHERE m."tenantId" = t.id
            AND m."timestamp" < 'infinity'
        ORDER BY m."timestamp" DESC
        LIMIT 1
    ) AS metric ON t.active
),
fact (rank, topic, fact, value, total, state, preset, level, source) AS (
    SELECT 10 + named.place, 'tenants', named.fact, named.value, c.total, named.state, NULL, NULL, NULL
    FROM counted_tenants AS c
    CROSS JOIN LATERAL (
        VALUES
            (1, 'in total', c.total, 'all'),
            (2, 'active', c.active, 'active'),
            (3, 'active, but silent', c.silent, 'silent'),
            (4, 'inactive', c.total - c.active, 'inactive')
    ) AS named (place, fact, value, state)
    UNION ALL
    SELECT
        20,
        'licenses',
        status::text,
        count(*),
        sum(count(*)) OVER (),
        NULL,
        status::text,
        NULL,
        NULL
    FROM licenses
    GROUP BY status
    UNION ALL
    SELECT 30, 'licenses', 'ACTIVE but expired', count(*), NULL, NULL, 'ACTIVE but expired', NULL, NULL
    FROM licenses
    WHERE status::text = 'ACTIVE' AND "expiresAt" <= LOCALTIMESTAMP
    UNION ALL
    SELECT
        30 + named.days,
        'licenses',
        'expire ' || named.preset,
        count(l.id),
        NULL,
        NULL,
        named.preset,
        NULL,
        NULL
    FROM (VALUES (1, 'within 1 day'), (7, 'within 7 days'), (30, 'within 30 days')) AS named (days, preset)
    LEFT JOIN licenses AS l
        ON l.status::text = 'ACTIVE'
        AND l."expiresAt" > LOCALTIMESTAMP
        AND l."expiresAt" <= LOCALTIMESTAMP + named.days * interval '1 day'
    GROUP BY named.days, named.preset
    UNION ALL
    SELECT
        70,
        'open errors',
        e.level || ' ' || e.source || CASE WHEN e.level <> 'CRITICAL' THEN ', last ' || :other_levels_back::text ELSE '' END,
        count(*),
        NULL,
        NULL,
        NULL,
        e.level,
        e.source
    FROM chosen
    CROSS JOIN LATERAL (
        SELECT level::text, source::text
        FROM error_logs
        WHERE level = chosen.label
            AND "timestamp" BETWEEN chosen.since AND 'infinity'
            AND NOT resolved
        OFFSET 0  -- one scan of the index per level, see errors.sql
    ) AS e
    GROUP BY e.level, e.source
)
SELECT
    'ok' AS severity,
    NULL::text AS why,
    topic,
    fact,
    value,
    100.0 * value / nullif(total, 0) AS share,
    state,
    preset,
    level,
    source
FROM fact
ORDER BY rank, fact;
