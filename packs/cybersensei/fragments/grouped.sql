-- Entries as far as they are grouped by cause.
SELECT e.level, e.source, e.method, e.endpoint, e."statusCode", e.message, e.stack, e."tenantId", e."timestamp", e."resolvedAt"
    FROM {{scan(since => {{since}}, which => {{which}})}}
    WHERE :source::text IN (e.source::text, 'all')
