-- Requests counted by user and route, the most first. The schema knows neither a limit nor a window: what is too much says
-- the config alone.

SELECT
    CASE
        WHEN 'too_many' = ANY (found.reasons) THEN 'crit'
        WHEN cardinality(found.reasons) > 0 THEN 'warn'
        ELSE 'ok'
    END AS severity,
    found.reasons AS reason,
    q.id,
    q.user_id,
    q.route_id,
    coalesce(u.username, 'nobody') AS username,
    r.path,
    r.method,
    r.service,
    q.request_count AS requests,
    {{finite(time => q.last_request)}} AS last_request,
    q.rows_of_pair
FROM (
    SELECT
        q.*,
        count(*) OVER (PARTITION BY q.user_id, q.route_id) AS rows_of_pair
    FROM rate_limits AS q
) AS q
LEFT JOIN users AS u
    ON u.id = q.user_id
LEFT JOIN routes AS r
    ON r.id = q.route_id
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE
            WHEN q.request_count >= nullif(:requests_crit::bigint, 0) THEN 'too_many'
            WHEN q.request_count >= nullif(:requests_warn::bigint, 0) THEN 'many'
        END,
        CASE WHEN q.user_id IS NULL OR q.route_id IS NULL THEN 'of_nothing' END,
        CASE WHEN q.user_id IS NOT NULL AND q.route_id IS NOT NULL AND q.rows_of_pair > 1 THEN 'repeated' END
    ], NULL) AS reasons
) AS found
WHERE (:user::int IS NULL OR q.user_id = :user::int)
    AND (:route::int IS NULL OR q.route_id = :route::int)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', u.username, r.path, r.service)), lower(:search::text)) > 0)
ORDER BY q.request_count DESC NULLS LAST, q.id;
