-- Environments, with what runs there and how often deployments fail.

WITH counted AS MATERIALIZED (
    SELECT
        d.environment_id,
        count(*) AS deployments,
        count(*) FILTER (WHERE d.status IN ('failed', 'rolled_back')) AS failures
    FROM deployments AS d
    WHERE d.created_at > now() - :period::interval
        AND d.status IN ('success', 'failed', 'rolled_back')
        AND {{of_scope(of => d)}}
    GROUP BY d.environment_id
)
SELECT
    CASE
        WHEN p.status <> 'active' THEN 'off'
        WHEN e.name = 'prod' AND found.reasons && ARRAY['down', 'last_failed'] THEN 'crit'
        WHEN found.reasons && ARRAY['down', 'degraded', 'last_failed', 'last_rolled_back', 'stuck', 'often_failing'] THEN 'warn'
        WHEN found.reasons && ARRAY['no_status'] THEN 'unknown'
        ELSE 'ok'
    END AS severity,
    CASE WHEN p.status <> 'active' THEN ARRAY['not_active'] ELSE found.reasons END AS reason,
    e.id,
    e.client_id,
    e.project_id,
    c.name AS client,
    p.name AS project,
    p.status AS project_status,
    e.name AS environment,
    e.status,
    live.version AS running,
    live.created_at AS running_since,
    newest.version AS last_version,
    newest.status AS last_status,
    newest.created_at AS last_at,
    coalesce(counted.deployments, 0) AS deployments,
    counted.failures,
    (100.0 * counted.failures / counted.deployments)::float8 AS failure_rate
FROM environments AS e
JOIN projects AS p
    ON p.id = e.project_id
JOIN clients AS c
    ON c.id = e.client_id
LEFT JOIN counted
    ON counted.environment_id = e.id
{{last_deployment}}
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN e.status = 'down' THEN 'down' END,
        CASE WHEN newest.status = 'failed' THEN 'last_failed' END,
        CASE WHEN newest.status = 'rolled_back' THEN 'last_rolled_back' END,
        CASE WHEN newest.status IN ('pending', 'running')
            AND newest.created_at < now() - :stuck_after::interval THEN 'stuck' END,
        CASE WHEN e.status = 'degraded' THEN 'degraded' END,
        CASE WHEN counted.deployments >= :rate_of::int
            AND 100.0 * counted.failures / counted.deployments >= :failure_rate_warn::numeric THEN 'often_failing' END,
        CASE WHEN e.status IS NULL THEN 'no_status' END,
        CASE WHEN newest.id IS NULL THEN 'nothing_deployed' END
    ], NULL) AS reasons
) AS found
WHERE {{of_scope(of => e)}}
    AND (:project::uuid IS NULL OR e.project_id = :project::uuid)
    AND (:environment::uuid IS NULL OR e.id = :environment::uuid)
    AND :name::text IN ('all', e.name)
    AND {{found(first => p.name, second => c.name, third => e.url)}}
ORDER BY newest.created_at DESC NULLS LAST, c.name, p.name, e.name, e.id;
