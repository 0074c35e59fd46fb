-- Entries grouped by cause. The fingerprint is computed once per group: it is the same for all
-- entries of one.
SELECT
        g.*,
        {{fingerprint(of => g, by => g)}} AS fingerprint
    FROM (
        SELECT
            e.level, e.source, e.method, e."statusCode", norm.route, norm.pattern, norm.frame,
            count(*) AS events,
            count(DISTINCT e."tenantId") AS tenants,
            min(e."timestamp") AS first_at,
            max(e."timestamp") AS last_at
        FROM {{scan(since => {{since}}, which => ({{which}}) AND :source::text IN (source::text, 'all'))}}
        {{norm}}
        GROUP BY norm.pattern, norm.route, norm.frame, e.method, e."statusCode", e.level, e.source
        HAVING {{having}}
    ) AS g
