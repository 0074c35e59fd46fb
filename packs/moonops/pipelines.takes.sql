-- How long the last 30 good runs took, in minutes, of the pipelines on screen.

SELECT
    given.key,
    array_agg(run.minutes ORDER BY run.created_at) AS takes
FROM unnest(:keys::text[]) AS given (key)
CROSS JOIN LATERAL (
    SELECT
        r.created_at,
        (extract(epoch FROM r.finished_at - r.started_at) / 60)::float8 AS minutes
    FROM pipelines AS r
    WHERE r.project_id = (given.key::json ->> 0)::uuid
        AND r.name = given.key::json ->> 1
        AND r.status = 'success'
        AND r.finished_at > r.started_at
        AND {{of_scope(of => r)}}
    ORDER BY r.created_at DESC
    LIMIT 30
) AS run
GROUP BY given.key;
