-- The last metric of each tenant in `t`, for a FROM. It is looked up by the index ("tenantId",
-- "timestamp"): the MAX over all metrics, which the document takes, is 80 times slower on 3 million.
LEFT JOIN LATERAL (
    SELECT m.*
    FROM tenant_metrics AS m
    WHERE m."tenantId" = t.id
        AND m."timestamp" < 'infinity'
    ORDER BY m."timestamp" DESC
    LIMIT 1
) AS metric ON true
