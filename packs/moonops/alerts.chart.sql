-- Alerts of one title in one project over time, whatever became of them.

WITH scale AS (
    SELECT extract(epoch FROM :window::interval) / 48 AS step
),
this AS (
    SELECT
        a.project_id,
        a.title
    FROM alerts AS a
    WHERE {{alert_key}} = :key::text
        AND {{of_scope(of => a)}}
    LIMIT 1
),
counted AS MATERIALIZED (
    SELECT
        floor(extract(epoch FROM a.created_at) / scale.step)::bigint AS slot,
        count(*) AS alerts
    FROM scale
    CROSS JOIN this
    JOIN alerts AS a
        ON a.project_id = this.project_id
        AND a.title = this.title
    WHERE a.created_at > now() - :window::interval
        AND {{of_scope(of => a)}}
    GROUP BY 1
)
SELECT
    {{slot_time}},
    coalesce(counted.alerts, 0)::float8 AS value
FROM {{slots}}
LEFT JOIN counted
    ON counted.slot = slot.n
ORDER BY "time";
