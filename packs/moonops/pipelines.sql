-- Pipelines with how their runs go, those that failed or hang last first.

WITH {{pipeline}},
run AS MATERIALIZED (
    SELECT
        r.project_id,
        r.name,
        count(*) FILTER (WHERE r.created_at > now() - interval '7 days') AS runs,
        count(*) FILTER (WHERE r.created_at > now() - interval '7 days' AND r.status = 'success') AS good,
        count(*) FILTER (WHERE r.created_at > now() - interval '7 days' AND r.status = 'failed') AS bad,
        min(r.started_at) FILTER (WHERE r.status = 'running') AS running_since,
        min(r.created_at) FILTER (WHERE r.status = 'queued') AS queued_since,
        max(r.created_at) FILTER (WHERE r.status = 'failed') AS last_failure_at,
        max(r.created_at) AS last_at
    FROM pipelines AS r
    WHERE r.created_at > now() - :back::interval
        AND {{of_scope(of => r)}}
    GROUP BY r.project_id, r.name
)
SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    p.id AS project_id,
    p.client_id,
    c.name AS client,
    p.name AS project,
    p.status AS project_status,
    pipeline.name AS pipeline,
    pipeline.status,
    pipeline.outcome,
    run.running_since,
    run.queued_since,
    (usual.median * 1000)::bigint AS median,
    usual.measured,
    run.runs,
    run.bad,
    rate.percent::float8 AS success_rate,
    run.last_failure_at,
    run.last_at
FROM pipeline
JOIN run
    ON run.project_id = pipeline.project_id
    AND run.name = pipeline.name
JOIN projects AS p
    ON p.id = pipeline.project_id
JOIN clients AS c
    ON c.id = p.client_id
CROSS JOIN LATERAL (
    -- Of its newest good runs: what took long a month ago says little.
    SELECT
        count(*) AS measured,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM good.finished_at - good.started_at)) AS median
    FROM (
        SELECT
            r.started_at,
            r.finished_at
        FROM pipelines AS r
        WHERE r.project_id = pipeline.project_id
            AND r.name = pipeline.name
            AND r.status = 'success'
            AND r.finished_at > r.started_at
            AND r.created_at > now() - :back::interval
        ORDER BY r.created_at DESC
        LIMIT 100
    ) AS good
) AS usual
CROSS JOIN LATERAL (
    SELECT
        100.0 * run.good / nullif(run.good + run.bad, 0) AS percent,
        extract(epoch FROM now() - run.running_since) AS seconds
) AS rate
CROSS JOIN LATERAL (
    -- The first that applies, worst first, as {severity, reason}.
    SELECT CASE
        WHEN p.status <> 'active' THEN ARRAY['off', 'not_active']
        WHEN usual.measured >= :median_of::int
            AND rate.seconds > :hangs_times::numeric * usual.median THEN ARRAY['crit', 'hangs']
        WHEN usual.measured < :median_of::int
            AND rate.seconds > extract(epoch FROM :runs_long::interval) THEN ARRAY['warn', 'runs_long']
        WHEN run.queued_since < now() - :queued_warn::interval THEN ARRAY['warn', 'queued']
        WHEN pipeline.outcome = 'failed' THEN ARRAY['warn', 'failing']
        WHEN run.good + run.bad >= :rate_of::int
            AND rate.percent < :success_warn::numeric THEN ARRAY['warn', 'flaky']
        WHEN pipeline.outcome IS NULL AND run.running_since IS NULL THEN ARRAY['unknown', 'no_outcome']
        ELSE ARRAY['ok', NULL]
    END AS found
) AS verdict
WHERE {{of_scope(of => p)}}
    AND (:client::uuid IS NULL OR p.client_id = :client::uuid)
    AND (:project::uuid IS NULL OR p.id = :project::uuid)
    AND (:state::text = 'all'
        OR :state::text = 'running' AND run.running_since IS NOT NULL
        OR :state::text = 'failing' AND pipeline.outcome = 'failed')
    AND {{found(first => pipeline.name, second => p.name, third => c.name)}}
ORDER BY run.running_since NULLS LAST, run.last_failure_at DESC NULLS LAST, c.name, p.name, pipeline.name;
