-- Which version the nodes of active tenants run, by their last metric, against the catalog of
-- updates: a row per version.
--
-- The newest version is the highest active one that is no prerelease. A version is outdated since
-- the first active release above it came out.

-- These lines, down to "standing", are the same in rollout_nodes.sql.
WITH node AS MATERIALIZED (
    SELECT
        t.id,
        t.name,
        t."companyName",
        t."contactEmail",
        metric."timestamp",
        CASE
            WHEN metric."timestamp" IS NULL THEN '(never reported)'
            ELSE coalesce(nullif(regexp_replace(btrim(metric.version), '^[vV](?=\d)', ''), ''), '(no version)')
        END AS version
    FROM tenants AS t
    LEFT JOIN LATERAL (
        SELECT m."timestamp", m.version
        FROM tenant_metrics AS m
        WHERE m."tenantId" = t.id
            AND m."timestamp" < 'infinity'
        ORDER BY m."timestamp" DESC
        LIMIT 1
    ) AS metric ON true
    WHERE t.active
),
catalog AS (
    SELECT DISTINCT ON (version)
        regexp_replace(btrim(u.version), '^[vV](?=\d)', '') AS version,
        u.active,
        CASE WHEN isfinite(u."createdAt") THEN u."createdAt" END AS created
    FROM updates_metadata AS u
    ORDER BY version, u.active DESC, u."createdAt"
),
version AS MATERIALIZED (
    -- A text that is no version number has the place NULL, which is neither above nor below others.
    SELECT
        name,
        catalog.version IS NOT NULL AS listed,
        coalesce(catalog.active, false) AS active,
        catalog.created,
        split_part(name, '+', 1) LIKE '%-%' AS prerelease,
        CASE
            WHEN name ~ '^\d+(\.\d+)*([-+].*)?$' THEN ROW(
                -- Semantic order: 1.10.0 is above 1.9.0, 2.0.0 above 2.0.0-rc.10, that above 2.0.0-rc.9.
                string_to_array(split_part(split_part(name, '+', 1), '-', 1), '.')::numeric[],
                split_part(name, '+', 1) NOT LIKE '%-%',
                ARRAY(
                    SELECT CASE WHEN part ~ '^\d+$' THEN lpad(part, greatest(20, length(part)), '0') ELSE part END
                    FROM regexp_split_to_table(substring(split_part(name, '+', 1) FROM '-(.*)'), '\.') AS part
                ) COLLATE "C"
            )
        END AS place
    FROM (SELECT version FROM node UNION SELECT version FROM catalog) AS named (name)
    LEFT JOIN catalog
        ON catalog.version = named.name
),
newest AS (
    SELECT name, place
    FROM version
    WHERE active AND NOT prerelease AND place IS NOT NULL
    ORDER BY place DESC
    LIMIT 1
),
standing AS (
    SELECT
        v.name,
        v.place,
        v.created,
        CASE
            WHEN v.name IN ('(never reported)', '(no version)') THEN 'not known'
            WHEN NOT v.listed THEN 'not listed'
            WHEN NOT v.active THEN 'inactive'
            WHEN v.place IS NULL THEN 'not known'
            WHEN newer.versions > 0 THEN 'behind'
            WHEN v.prerelease THEN 'prerelease'
            ELSE 'newest'
        END AS state,
        newest.name AS newest,
        newest.place < v.place AS above_newest,
        CASE WHEN v.place IS NOT NULL THEN newer.versions END AS newer,
        newer.since
    FROM version AS v
    LEFT JOIN newest ON true
    CROSS JOIN LATERAL (
        SELECT count(*) AS versions, min(above.created) AS since
        FROM version AS above
        WHERE above.active AND NOT above.prerelease AND above.place > v.place
    ) AS newer
)
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
