-- Which version the nodes of active tenants run, by their last metric, against the catalog of
-- updates: a row per version.
--
-- The newest version is the highest active one that is no prerelease. A version is outdated since
-- the first active release above it came out.

{{versions}}
SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    s.name AS version,
    s.state,
    counted.nodes,
    100.0 * counted.nodes / (SELECT nullif(count(*), 0) FROM node) AS share,
    s.newer AS newer_versions,
    s.since::timestamptz AS outdated_since,
    s.created::timestamptz AS created_at,
    on_it.last_at::timestamptz AS last_at,
    on_it.tenants,
    s.newest,
    CASE WHEN s.newer > 0 THEN s.newest END AS behind,
    CASE WHEN s.above_newest THEN s.newest END AS above,
    'catalog:' || s.id AS update_key
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
    SELECT CASE
        WHEN s.name = '(never reported)' THEN ARRAY['unknown', 'never_reported']
        WHEN s.name = '(no version)' THEN ARRAY['unknown', 'no_version']
        WHEN s.state = 'not listed' THEN ARRAY['unknown', 'not_listed']
        WHEN s.state = 'inactive' THEN ARRAY['warn', 'inactive']
        WHEN s.state = 'not known' THEN ARRAY['unknown', 'no_number']
        WHEN s.state = 'behind' AND s.since < LOCALTIMESTAMP - :behind_for::interval THEN ARRAY['warn', 'outdated']
        WHEN s.state = 'behind' THEN ARRAY['ok', 'behind']
        WHEN s.state = 'newest' AND counted.nodes = 0 AND s.created < LOCALTIMESTAMP - :behind_for::interval THEN
            ARRAY['warn', 'not_taken']
        WHEN s.state = 'newest' AND counted.nodes = 0 THEN ARRAY['ok', 'not_taken_yet']
        ELSE ARRAY['ok', NULL]
    END AS found
) AS verdict
-- Versions that no node runs are left out, except the newest one.
WHERE (counted.nodes > 0 OR s.name = s.newest)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', s.name, s.state, on_it.tenants)), lower(:search::text)) > 0)
ORDER BY s.place DESC NULLS LAST, s.name;
