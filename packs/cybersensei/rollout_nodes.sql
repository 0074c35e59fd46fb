-- Active tenants with the version that their node runs, by its last metric: the furthest behind
-- first within a severity. rollout.sql says how a version is judged.

{{versions}}
SELECT
    CASE
        WHEN s.state IN ('not known', 'not listed') THEN 'unknown'
        WHEN s.state = 'inactive' THEN 'warn'
        WHEN s.since < LOCALTIMESTAMP - :behind_for::interval THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE s.state
        WHEN 'not listed' THEN 'no such update'
        WHEN 'inactive' THEN 'its version is inactive'
        WHEN 'behind' THEN format('behind %s', s.newest)
            || coalesce(format(', outdated for %sd', extract(epoch FROM LOCALTIMESTAMP - s.since)::bigint / 86400), '')
        WHEN 'not known' THEN CASE WHEN n."timestamp" IS NULL THEN 'never sent a metric' ELSE 'no version number' END
    END AS why,
    n.id AS tenant_id,
    n.name AS tenant,
    n.version,
    s.state,
    s.newer AS newer_versions,
    s.since::timestamptz AS outdated_since,
    n."timestamp"::timestamptz AS last_at,
    n."companyName" AS company_name,
    n."contactEmail" AS contact_email
FROM node AS n
JOIN standing AS s
    ON s.name = n.version
WHERE (:version::text IS NULL OR n.version = :version::text)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', n.name, n."companyName", n.version)), lower(:search::text)) > 0)
ORDER BY s.place NULLS FIRST, n.name;
