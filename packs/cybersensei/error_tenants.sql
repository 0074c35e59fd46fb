-- The tenants that a cause hits, most entries first, with whom to write to.

WITH {{causes_of_key(key => :cause::text)}}
SELECT
    CASE WHEN t.active IS FALSE THEN 'off' ELSE 'ok' END AS severity,
    CASE WHEN t.active IS FALSE THEN 'inactive' END AS reason,
    coalesce(hit."tenantId"::text, 'none') AS id,
    hit."tenantId" AS tenant_id,
    {{hit_tenant}} AS tenant,
    hit.events,
    hit.first_at::timestamptz AS first_at,
    hit.last_at::timestamptz AS last_at,
    t."companyName" AS company_name,
    t."contactEmail" AS contact_email,
    t.phone
FROM {{tenants_of_cause(key => :cause::text)}}
ORDER BY hit.events DESC, hit.last_at DESC;
