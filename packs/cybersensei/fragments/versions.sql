-- The version of each active tenant's node, by its last metric, and how each version stands among the
-- updates of the catalog: a WITH.
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
    {{last_metric}}
    WHERE t.active
),
catalog AS (
    SELECT DISTINCT ON (version)
        regexp_replace(btrim(u.version), '^[vV](?=\d)', '') AS version,
        u.active,
        u.id,
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
        catalog.id,
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
        v.id,
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
