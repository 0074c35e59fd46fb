-- Pipelines of the last :back, one row a project and name: parts of a WITH. A pipeline has a name, and each row of the
-- table pipelines is one run of it. What its newest runs were comes by the index on (project_id, name, created_at).
named AS MATERIALIZED (
    SELECT
        r.project_id,
        r.name
    FROM pipelines AS r
    WHERE r.created_at > now() - :back::interval
        AND {{of_scope(of => r)}}
    GROUP BY r.project_id, r.name
),
pipeline AS MATERIALIZED (
    SELECT
        named.project_id,
        named.name,
        newest.status,
        -- What is neither through nor given up says nothing yet.
        ended.status AS outcome
    FROM named
    LEFT JOIN LATERAL (
        SELECT r.status
        FROM pipelines AS r
        WHERE r.project_id = named.project_id
            AND r.name = named.name
        ORDER BY r.created_at DESC
        LIMIT 1
    ) AS newest ON true
    LEFT JOIN LATERAL (
        SELECT r.status
        FROM pipelines AS r
        WHERE r.project_id = named.project_id
            AND r.name = named.name
            AND r.status IN ('success', 'failed')
            AND r.created_at > now() - :back::interval
        ORDER BY r.created_at DESC
        LIMIT 1
    ) AS ended ON true
)
