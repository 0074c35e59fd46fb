-- Which version the nodes of active tenants run, by their last metric, against the catalog of
-- updates: a row per version.
--
-- The newest version is the highest active one that is no prerelease. A version is outdated since
-- the first active release above it came out.

{{versions}}
SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS why,
    s.name AS version,
    s.state,
    counted.nodes,
    100.0 * counted.nodes / (SELECT nullif(count(*), 0) FROM node) AS share,
    s.newer AS newer_versions,
    s.since::timestamptz AS outdated_since,
    s.created::timestamptz AS created_at,
    on_it.last_at::timestamptz AS last_at,
    on_it.tenants
FROM standing AS s
LEFT JOIN (
    SELECT
        version,
        count(*) AS nodes,
        max("timestamp") AS last_at,
        left(string_agg(name, ', ' ORDER BY name), 400) AS tenants
    FROM node
    GROUP BY version
) AS on_it
    ON on_it.version = s.name
CROSS JOIN LATERAL (SELECT coalesce(on_it.nodes, 0) AS nodes) AS counted
CROSS JOIN LATERAL (
    SELECT
        extract(epoch FROM LOCALTIMESTAMP - s.since)::bigint / 86400 AS outdated_days,
        extract(epoch FROM LOCALTIMESTAMP - s.created)::bigint / 86400 AS days
) AS age
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN s.name = '(never reported)' THEN
            ARRAY['unknown', 'never sent a metric']
        WHEN s.name = '(no version)' THEN
            ARRAY['unknown', 'the last metric names no version']
        WHEN s.state = 'not listed' THEN
            ARRAY['unknown', concat_ws(', ', 'no such update', CASE WHEN s.above_newest THEN 'above ' || s.newest END)]
        WHEN s.state = 'inactive' THEN
            ARRAY['warn', concat_ws(', ', 'inactive', CASE WHEN s.newer > 0 THEN 'behind ' || s.newest END)]
        WHEN s.state = 'not known' THEN
            ARRAY['unknown', 'no version number, so neither old nor new']
        WHEN s.state = 'behind' AND s.since < LOCALTIMESTAMP - :behind_for::interval THEN
            ARRAY['warn', format('behind %s, outdated for %sd', s.newest, age.outdated_days)]
        WHEN s.state = 'behind' THEN
            ARRAY['ok', format('behind %s, outdated for %sd', s.newest, age.outdated_days)]
        WHEN s.state = 'newest' AND counted.nodes = 0 AND s.created < LOCALTIMESTAMP - :behind_for::interval THEN
            ARRAY['warn', 'no node has it after ' || age.days || 'd']
        WHEN s.state = 'newest' AND counted.nodes = 0 THEN
            ARRAY['ok', 'no node has it yet']
        ELSE
            ARRAY['ok', NULL]
    END AS found
) AS verdict
-- Versions that no node runs are left out, except the newest one.
WHERE (counted.nodes > 0 OR s.name = s.newest)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', s.name, s.state, on_it.tenants)), lower(:search::text)) > 0)
ORDER BY s.place DESC NULLS LAST, s.name;
