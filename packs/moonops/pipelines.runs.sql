-- The last runs of one pipeline.

SELECT
    r.created_at,
    r.status,
    coalesce(r.finished_at, now()) - r.started_at AS took,
    r.branch,
    left(r.commit_sha, 10) AS commit
FROM pipelines AS r
WHERE r.project_id = (:key::json ->> 0)::uuid
    AND r.name = :key::json ->> 1
    AND {{of_scope(of => r)}}
ORDER BY r.created_at DESC
LIMIT 20;
