-- Projects with what runs in each of their environments, and how far staging is ahead of production. One that is not active
-- has its status as its reason: paused, archived.

SELECT
    CASE
        WHEN p.status <> 'active' THEN 'off'
        WHEN found.reasons && ARRAY['prod_failed', 'prod_down'] THEN 'crit'
        WHEN cardinality(array_remove(found.reasons, 'no_prod')) > 0 THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE WHEN p.status <> 'active' THEN ARRAY[p.status::text] ELSE found.reasons END AS reason,
    p.id,
    p.client_id,
    c.name AS client,
    p.name AS project,
    p.status,
    env.dev_version,
    env.dev_at,
    env.staging_version,
    env.staging_at,
    env.prod_version,
    env.prod_at,
    env.prod_status,
    env.environments
FROM projects AS p
JOIN clients AS c
    ON c.id = p.client_id
CROSS JOIN LATERAL (
    SELECT
        count(*) AS environments,
        max(live.version) FILTER (WHERE e.name = 'dev') AS dev_version,
        max(live.created_at) FILTER (WHERE e.name = 'dev') AS dev_at,
        max(live.version) FILTER (WHERE e.name = 'staging') AS staging_version,
        max(live.created_at) FILTER (WHERE e.name = 'staging') AS staging_at,
        max(live.version) FILTER (WHERE e.name = 'prod') AS prod_version,
        max(live.created_at) FILTER (WHERE e.name = 'prod') AS prod_at,
        max(newest.status) FILTER (WHERE e.name = 'prod') AS prod_status,
        bool_or(e.name = 'prod') AS has_prod,
        bool_or(e.name = 'prod' AND e.status = 'down') AS prod_down,
        bool_or(e.name <> 'prod' AND newest.status = 'failed') AS other_failed,
        -- Whether staging is used at all.
        bool_or(e.name = 'staging' AND EXISTS (SELECT FROM deployments AS d WHERE d.environment_id = e.id)) AS stages
    FROM environments AS e
    {{last_deployment}}
    WHERE e.project_id = p.id
) AS env
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN env.prod_down THEN 'prod_down' END,
        CASE WHEN env.prod_status = 'failed' THEN 'prod_failed' END,
        CASE WHEN env.prod_status = 'rolled_back' THEN 'prod_rolled_back' END,
        CASE WHEN env.other_failed THEN 'other_failed' END,
        CASE WHEN env.stages AND env.prod_version IS NOT NULL AND NOT EXISTS (
            SELECT
            FROM environments AS e
            JOIN deployments AS d
                ON d.environment_id = e.id
            WHERE e.project_id = p.id
                AND e.name = 'staging'
                AND d.status = 'success'
                AND d.version = env.prod_version
        ) THEN 'past_staging' END,
        CASE WHEN env.staging_version <> env.prod_version
            AND env.staging_at > env.prod_at
            AND env.prod_at < now() - :drift_after::interval THEN 'drift' END,
        CASE WHEN env.environments = 0 THEN 'no_environment' END,
        CASE WHEN env.environments > 0 AND NOT env.has_prod THEN 'no_prod' END
    ], NULL) AS reasons
) AS found
WHERE {{of_scope(of => p)}}
    AND (:client::uuid IS NULL OR p.client_id = :client::uuid)
    AND (:project::uuid IS NULL OR p.id = :project::uuid)
    AND (:status::text = 'all' OR p.status = :status::text)
    AND {{found(first => p.name, second => c.name, third => p.repository_url)}}
ORDER BY c.name, c.id, p.name, p.id;
