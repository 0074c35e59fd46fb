-- Deployments to the environment of one of them over time, by result.

WITH scale AS (
    SELECT 86400 AS step
),
counted AS MATERIALIZED (
    SELECT
        floor(extract(epoch FROM d.created_at) / 86400)::bigint AS slot,
        count(*) FILTER (WHERE d.status = 'success') AS good,
        count(*) FILTER (WHERE d.status IN ('failed', 'rolled_back')) AS bad
    FROM deployments AS this
    JOIN deployments AS d
        ON d.environment_id = this.environment_id
    WHERE this.id = :key::uuid
        AND d.created_at > now() - :window::interval
        AND {{of_scope(of => d)}}
    GROUP BY 1
)
-- Every day, so that none is drawn as 0.
SELECT
    {{slot_time}},
    coalesce(CASE series.name WHEN 'good' THEN counted.good ELSE counted.bad END, 0)::float8 AS value,
    series.name AS series
FROM {{slots}}
CROSS JOIN (VALUES ('failed or rolled back'), ('good')) AS series (name)
LEFT JOIN counted
    ON counted.slot = slot.n
ORDER BY series.name, "time";
