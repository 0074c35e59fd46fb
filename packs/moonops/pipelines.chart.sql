-- How long the good runs of one pipeline took, in minutes. A step without one is a gap.

WITH scale AS (
    SELECT extract(epoch FROM :window::interval) / 60 AS step
)
SELECT
    {{slot_time}},
    avg(extract(epoch FROM r.finished_at - r.started_at) / 60)::float8 AS value
FROM {{slots}}
LEFT JOIN pipelines AS r
    ON r.project_id = (:key::json ->> 0)::uuid
    AND r.name = :key::json ->> 1
    AND {{of_scope(of => r)}}
    AND r.status = 'success'
    AND r.finished_at > r.started_at
    AND floor(extract(epoch FROM r.created_at) / scale.step)::bigint = slot.n
GROUP BY slot.n, scale.step
ORDER BY "time";
