-- CPU, RAM and latency of each environment, on average of the last :judged_over, the fullest first. What is no number of
-- percent or milliseconds is left out and told.

SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    e.id AS environment_id,
    e.client_id,
    e.project_id,
    c.name AS client,
    p.name AS project,
    p.status AS project_status,
    e.name AS environment,
    seen.cpu,
    seen.ram,
    seen.latency,
    seen.odd,
    last.recorded_at AS last_at
FROM environments AS e
JOIN projects AS p
    ON p.id = e.project_id
JOIN clients AS c
    ON c.id = e.client_id
CROSS JOIN LATERAL (
    SELECT
        avg(m.value) FILTER (WHERE m.metric = 'cpu' AND {{sound(of => m)}}) AS cpu,
        avg(m.value) FILTER (WHERE m.metric = 'ram' AND {{sound(of => m)}}) AS ram,
        avg(m.value) FILTER (WHERE m.metric = 'latency' AND {{sound(of => m)}}) AS latency,
        count(*) FILTER (WHERE NOT {{sound(of => m)}}) AS odd
    FROM metrics AS m
    WHERE m.environment_id = e.id
        AND m.metric IN ('cpu', 'ram', 'latency')
        AND m.recorded_at > now() - :judged_over::interval
        AND {{of_scope(of => m)}}
) AS seen
CROSS JOIN LATERAL (
    -- Three reads of the index, where a max of all would read the environment's history.
    SELECT max(newest.recorded_at) AS recorded_at
    FROM (VALUES ('cpu'), ('ram'), ('latency')) AS kind (metric)
    CROSS JOIN LATERAL (
        SELECT m.recorded_at
        FROM metrics AS m
        WHERE m.environment_id = e.id
            AND m.metric = kind.metric
            AND {{of_scope(of => m)}}
        ORDER BY m.recorded_at DESC
        LIMIT 1
    ) AS newest
) AS last
CROSS JOIN LATERAL (
    -- The first that applies, worst first, as {severity, reason}.
    SELECT CASE
        WHEN p.status <> 'active' THEN ARRAY['off', 'not_active']
        WHEN seen.cpu >= :load_crit::float8 THEN ARRAY['crit', 'cpu_full']
        WHEN seen.ram >= :load_crit::float8 THEN ARRAY['crit', 'ram_full']
        WHEN seen.latency >= :latency_crit::float8 THEN ARRAY['crit', 'very_slow']
        WHEN seen.cpu >= :load_warn::float8 THEN ARRAY['warn', 'cpu_high']
        WHEN seen.ram >= :load_warn::float8 THEN ARRAY['warn', 'ram_high']
        WHEN seen.latency >= :latency_warn::float8 THEN ARRAY['warn', 'slow']
        WHEN last.recorded_at IS NULL THEN ARRAY['unknown', 'no_sample']
        WHEN seen.odd > 0 THEN ARRAY['unknown', 'no_number']
        WHEN seen.cpu IS NULL AND seen.ram IS NULL AND seen.latency IS NULL THEN ARRAY['unknown', 'silent']
        WHEN seen.cpu IS NULL OR seen.ram IS NULL OR seen.latency IS NULL THEN ARRAY['unknown', 'in_part']
        ELSE ARRAY['ok', NULL]
    END AS found
) AS verdict
WHERE {{of_scope(of => e)}}
    AND (:project::uuid IS NULL OR e.project_id = :project::uuid)
    AND :name::text IN ('all', e.name)
    AND {{found(first => p.name, second => c.name, third => e.name)}}
ORDER BY greatest(seen.cpu, seen.ram) DESC NULLS LAST, c.name, p.name, e.name, e.id;
