-- What the entries of a cause have in common: what at least half of the newest 5 000 open ones say alike, and on which
-- versions the nodes of the tenants are that it hits.

WITH {{causes_of_key(key => :key::text)}},
hit AS MATERIALIZED (
    SELECT
        "tenantId",
        "userAgent",
        context,
        metadata
    FROM cause
    WHERE fingerprint = :key::text
    ORDER BY "timestamp" DESC
    LIMIT 5000
),
said AS (
    SELECT
        said.name,
        said.value,
        count(*) AS times,
        (SELECT count(*) FROM hit) AS of,
        'entries' AS what
    FROM hit
    CROSS JOIN LATERAL (
        SELECT
            entry.key,
            entry.value #>> '{}'
        FROM (VALUES (hit.context), (hit.metadata)) AS given (document)
        CROSS JOIN LATERAL jsonb_each(
            CASE WHEN jsonb_typeof(given.document) = 'object' THEN given.document ELSE '{}'::jsonb END
        ) AS entry
        WHERE jsonb_typeof(entry.value) IN ('string', 'number', 'boolean')
        UNION ALL
        VALUES ('user agent', hit."userAgent")
    ) AS said (name, value)
    WHERE length(said.value) BETWEEN 1 AND 80
    GROUP BY 1, 2
    HAVING count(*) * 2 >= (SELECT count(*) FROM hit)
),
tenant AS MATERIALIZED (
    SELECT DISTINCT "tenantId" AS id
    FROM hit
    WHERE "tenantId" IS NOT NULL
),
version AS (
    SELECT
        'version of the node' AS name,
        coalesce(metric.version, '(never reported)') AS value,
        count(*) AS times,
        (SELECT count(*) FROM tenant) AS of,
        'tenants' AS what
    FROM tenant AS t
    {{last_metric}}
    GROUP BY 2
    HAVING count(*) * 2 >= (SELECT count(*) FROM tenant)
)
SELECT
    shared.name,
    {{hide_keys(text => shared.value)}} AS value,
    CASE
        WHEN shared.times = shared.of THEN 'all ' || shared.what
        ELSE shared.times || ' of ' || shared.of || ' ' || shared.what
    END AS share
FROM (SELECT * FROM version UNION ALL SELECT * FROM said) AS shared
ORDER BY shared.times::float8 / shared.of DESC, shared.name
LIMIT 10;
