-- Routes of the API, and how much they are used. A path is unique, so that one path cannot have a second method.

SELECT
    CASE WHEN cardinality(found.reasons) > 0 THEN 'warn' ELSE 'ok' END AS severity,
    found.reasons AS reason,
    r.id,
    r.path,
    r.method,
    r.service,
    coalesce(quota.users, 0) AS users,
    coalesce(quota.requests, 0) AS requests,
    {{finite(time => quota.last_request)}} AS last_request,
    quota.repeated
FROM routes AS r
LEFT JOIN (
    SELECT
        q.route_id,
        count(DISTINCT q.user_id) AS users,
        sum(q.request_count) AS requests,
        max(q.last_request) AS last_request,
        count(q.user_id) - count(DISTINCT q.user_id) AS repeated
    FROM rate_limits AS q
    GROUP BY q.route_id
) AS quota
    ON quota.route_id = r.id
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN upper(btrim(r.method)) NOT IN ('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS') THEN 'odd_method' END,
        CASE WHEN quota.repeated > 0 THEN 'counted_apart' END
    ], NULL) AS reasons
) AS found
WHERE (:route::int IS NULL OR r.id = :route::int)
    AND :service::text IN ('all', r.service)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', r.path, r.service, r.method)), lower(:search::text)) > 0)
ORDER BY requests DESC, r.path;
