-- Measurements per tenant over :period, the slowest first.
--
-- "samples" is the number of reports, which the document's top ten counts. It does not say how
-- much a node was used.

SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    t.id AS tenant_id,
    t.name AS tenant,
    coalesce(seen.samples, 0) AS samples,
    seen.avg_users,
    seen.avg_latency,
    seen.p95_latency,
    seen.exercises,
    metric.uptime::bigint * 1000 AS uptime,  -- the column holds seconds, durations are milliseconds
    metric.version,
    metric."timestamp"::timestamptz AS last_at,
    :period::text AS period
FROM tenants AS t
LEFT JOIN (
    SELECT
        m."tenantId",
        count(*) AS samples,
        row_number() OVER (ORDER BY count(*) DESC, m."tenantId") AS place,
        avg(m."activeUsers")::float8 AS avg_users,
        -- Leaves out infinity, and NaN, which sorts above infinity.
        avg(m."aiLatency") FILTER (WHERE abs(m."aiLatency") < 'Infinity') AS avg_latency,
        percentile_cont(0.95) WITHIN GROUP (ORDER BY m."aiLatency")
            FILTER (WHERE abs(m."aiLatency") < 'Infinity') AS p95_latency,
        count(*) FILTER (WHERE NOT abs(m."aiLatency") < 'Infinity') AS odd,
        max(m."exercisesCompletedToday") AS exercises
    FROM tenant_metrics AS m
    WHERE m."timestamp" >= LOCALTIMESTAMP - :period::interval
        AND m."timestamp" < 'infinity'
        AND (:tenant::uuid IS NULL OR m."tenantId" = :tenant::uuid)
    GROUP BY m."tenantId"
) AS seen
    ON seen."tenantId" = t.id
{{last_metric}}
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN seen.samples IS NULL AND NOT t.active THEN ARRAY['off', 'inactive']
        WHEN seen.samples IS NULL THEN ARRAY['unknown', 'no_sample']
        WHEN seen.avg_latency IS NULL AND seen.odd > 0 THEN ARRAY['unknown', 'no_number']
        WHEN seen.avg_latency >= :latency_crit::float8 THEN ARRAY['crit', 'very_slow']
        WHEN seen.avg_latency >= :latency_warn::float8 THEN ARRAY['warn', 'slow']
        ELSE ARRAY['ok', NULL]
    END AS found
) AS verdict
WHERE (:tenant::uuid IS NULL OR t.id = :tenant::uuid)
    AND (:top::text = 'all' OR seen.place <= 10)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', t.name, t."companyName")), lower(:search::text)) > 0)
ORDER BY
    CASE WHEN :top::text <> 'all' THEN seen.place END,
    seen.avg_latency DESC NULLS LAST,
    t.name;
