-- The document's global statistics. Numbers to know, not findings: every row is ok.
-- Open errors: CRITICAL ever, other levels one day, for no index finds what is open.
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
fact AS (
    SELECT 1 AS rank, 'tenants' AS topic, CASE WHEN active THEN 'active' ELSE 'inactive' END AS fact, count(*) AS value
    FROM tenants
    GROUP BY active
    UNION ALL
    SELECT 2, 'licenses', status::text, count(*)
    FROM licenses
    GROUP BY status
    UNION ALL
    SELECT 2, 'licenses', 'ACTIVE but expired', count(*)
    FROM licenses
    WHERE status::text = 'ACTIVE' AND "expiresAt" <= LOCALTIMESTAMP
    UNION ALL
    SELECT 2, 'licenses', 'expire within ' || days || ' d', count(l.id)
    FROM unnest(ARRAY[1, 7, 30]) AS days
    LEFT JOIN licenses AS l
        ON l.status::text = 'ACTIVE'
        AND l."expiresAt" > LOCALTIMESTAMP
        AND l."expiresAt" <= LOCALTIMESTAMP + days * interval '1 day'
    GROUP BY days
    UNION ALL
    SELECT 3, 'open errors', e.level || ' ' || e.source, count(*)
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
    value
FROM fact
ORDER BY rank, fact;
