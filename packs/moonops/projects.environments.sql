-- The environments of one project, with what runs there.

SELECT
    e.name AS environment,
    e.status,
    live.version AS running,
    live.created_at AS running_since,
    newest.status AS last_status,
    newest.created_at AS last_at,
    e.url
FROM environments AS e
{{last_deployment}}
WHERE e.project_id = :key::uuid
    AND {{of_scope(of => e)}}
ORDER BY array_position(ARRAY['dev', 'staging', 'prod'], e.name::text);
