-- Short ways to say what a row is about. Times are "so long ago".

-- A tenant with a license that never ends, whose key its record names, and a metric of that age; without an age none.
CREATE FUNCTION tenant(text, metric_age interval DEFAULT '1 minute', version text DEFAULT '1.0.0')
RETURNS void LANGUAGE sql AS $$
    INSERT INTO tenants ("name", "contactEmail", "licenseKey") VALUES ($1, $1 || '@example', 'KEY-OF-' || $1 || '-0001');
    INSERT INTO licenses ("key", "tenantId", "status")
    SELECT t."licenseKey", t."id", 'ACTIVE' FROM tenants AS t WHERE t."name" = $1;
    INSERT INTO tenant_metrics ("tenantId", "version", "timestamp")
    SELECT t."id", $3, LOCALTIMESTAMP - $2 FROM tenants AS t WHERE t."name" = $1 AND $2 IS NOT NULL
$$;

-- The id of a tenant.
CREATE FUNCTION id_of(text) RETURNS uuid LANGUAGE sql AS $$ SELECT t."id" FROM tenants AS t WHERE t."name" = $1 $$;

-- A release of the catalog, whose package is the one of packages.json that is named by the version.
CREATE FUNCTION release(text, active boolean, age interval) RETURNS void LANGUAGE sql AS $$
    INSERT INTO updates_metadata ("version", "filename", "fileSize", "mongoFileId", "active", "createdAt")
    VALUES ($1, $1, 0, left(md5($1), 24), $2, LOCALTIMESTAMP - $3)
$$;
