-- Deployments a day of the last 30, to the environments on screen.

WITH daily AS (
    SELECT
        d.environment_id,
        floor(extract(epoch FROM now() - d.created_at) / 86400)::int AS days_ago,
        count(*) AS deployments
    FROM deployments AS d
    WHERE d.environment_id = ANY (:keys::uuid[])
        AND d.created_at BETWEEN now() - interval '30 days' AND now()
        AND {{of_scope(of => d)}}
    GROUP BY 1, 2
)
SELECT
    key,
    array_agg(coalesce(daily.deployments, 0)::float8 ORDER BY day.ago DESC) AS trend
FROM unnest(:keys::text[]) AS key
CROSS JOIN generate_series(0, 29) AS day (ago)
LEFT JOIN daily
    ON daily.environment_id = key::uuid AND daily.days_ago = day.ago
GROUP BY key;
