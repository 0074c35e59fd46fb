-- The tenants that a cause hits, most entries first, with the address to write to.

WITH {{causes_of_key(key => :key::text)}}
SELECT
    {{hit_tenant}} AS tenant,
    hit.events,
    hit.last_at::timestamptz AS last_at,
    t."contactEmail" AS contact_email
FROM {{tenants_of_cause(key => :key::text)}}
ORDER BY hit.events DESC, hit.last_at DESC;
