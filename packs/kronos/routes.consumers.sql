-- Who uses a route most.

SELECT
    coalesce(u.username, 'nobody') AS username,
    q.request_count AS requests,
    {{finite(time => q.last_request)}} AS last_request
FROM rate_limits AS q
LEFT JOIN users AS u
    ON u.id = q.user_id
WHERE q.route_id = :key::int
ORDER BY q.request_count DESC NULLS LAST, username
LIMIT 50;
