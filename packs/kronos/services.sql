-- Services that have written into the log within a week, or that a route names.

SELECT named.service
FROM (
    SELECT l.service_name AS service
    FROM logs AS l
    WHERE l.timestamp >= LOCALTIMESTAMP - interval '7 days'
    UNION
    SELECT r.service
    FROM routes AS r
) AS named
ORDER BY named.service;
