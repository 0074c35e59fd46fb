-- The AI latency of the last 24 hours, averaged, for the tenants on screen.

SELECT
    m."tenantId"::text AS key,
    avg(m."aiLatency") AS latency_24h
FROM tenant_metrics AS m
WHERE m."tenantId" = ANY (:keys::uuid[])
    AND m."timestamp" >= LOCALTIMESTAMP - interval '24 hours'
    AND abs(m."aiLatency") < 'Infinity'  -- leaves out the infinities, and NaN, which sorts above them
GROUP BY m."tenantId";
