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
    CASE
        WHEN n."timestamp" IS NULL THEN 'never_reported'
        WHEN s.state = 'not listed' THEN 'not_listed'
        WHEN s.state = 'inactive' THEN 'inactive'
        WHEN s.state = 'not known' THEN 'no_number'
        WHEN s.since < LOCALTIMESTAMP - :behind_for::interval THEN 'outdated'
        WHEN s.state = 'behind' THEN 'behind'
    END AS reason,
    n.id AS tenant_id,
    n.name AS tenant,
    n.version,
    s.state,
    s.newer AS newer_versions,
    s.since::timestamptz AS outdated_since,
    n."timestamp"::timestamptz AS last_at,
    n."companyName" AS company_name,
    n."contactEmail" AS contact_email,
    s.newest
FROM node AS n
JOIN standing AS s
    ON s.name = n.version
WHERE (:version::text IS NULL OR n.version = :version::text)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', n.name, n."companyName", n.version)), lower(:search::text)) > 0)
ORDER BY s.place NULLS FIRST, n.name;
