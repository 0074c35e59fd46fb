-- Single runs of pipelines, the newest first.

SELECT
    CASE state.name WHEN 'failed' THEN 'warn' WHEN 'cancelled' THEN 'off' ELSE 'ok' END AS severity,
    state.name AS reason,
    r.id,
    r.project_id,
    c.name AS client,
    p.name AS project,
    r.name AS pipeline,
    r.status,
    r.branch,
    left(r.commit_sha, 10) AS commit,
    {{deployed_by(user => u, id => r.triggered_by)}} AS started_by,
    r.created_at,
    r.started_at - r.created_at AS waited,
    CASE WHEN r.started_at IS NOT NULL THEN coalesce(r.finished_at, now()) - r.started_at END AS took
FROM pipelines AS r
JOIN projects AS p
    ON p.id = r.project_id
JOIN clients AS c
    ON c.id = r.client_id
LEFT JOIN users AS u
    ON u.id = r.triggered_by
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN r.status = 'failed' AND EXISTS (
            SELECT
            FROM pipelines AS later
            WHERE later.project_id = r.project_id
                AND later.name = r.name
                AND later.created_at > r.created_at
                AND later.status = 'success'
        ) THEN 'made_good'
        WHEN r.status IN ('failed', 'cancelled') THEN r.status
    END AS name
) AS state
WHERE {{of_scope(of => r)}}
    AND r.created_at > now() - :period::interval
    AND (:project::uuid IS NULL OR r.project_id = :project::uuid)
    AND (:pipeline::text IS NULL OR r.name = :pipeline::text)
    AND :status::text IN ('all', r.status)
    AND {{found(first => r.name, second => r.branch, third => r.commit_sha)}}
ORDER BY r.created_at DESC, r.id;
