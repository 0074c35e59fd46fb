-- 2 000 tenants: one in twenty inactive, one in a hundred silent for three hours. The same ids every time.

INSERT INTO tenants ("id", "name", "contactEmail", "licenseKey", "active", "companyName", "createdAt", "updatedAt")
SELECT
    md5('tenant ' || n)::uuid,
    'tenant-' || lpad(n::text, 4, '0'),
    'ops@tenant-' || n || '.example',
    'BNCH-' || lpad(n::text, 4, '0') || '-ABCD-' || lpad((9999 - n)::text, 4, '0'),
    n % 20 <> 0,
    'Company ' || n,
    LOCALTIMESTAMP - interval '400 days',
    LOCALTIMESTAMP - interval '30 days'
FROM generate_series(1, 2000) AS n;

-- One license each, and for one in five an older one.
INSERT INTO licenses ("id", "key", "tenantId", "expiresAt", "status", "usageCount", "maxUsageCount")
SELECT
    md5('license ' || n)::uuid,
    'BNCH-' || lpad(n::text, 4, '0') || '-ABCD-' || lpad((9999 - n)::text, 4, '0'),
    md5('tenant ' || n)::uuid,
    LOCALTIMESTAMP + (n % 700 - 10) * interval '1 day',
    CASE WHEN n % 97 = 0 THEN 'REVOKED' WHEN n % 89 = 0 THEN 'PENDING' ELSE 'ACTIVE' END::licenses_status_enum,
    n % 100,
    CASE WHEN n % 3 = 0 THEN NULL ELSE 100 END
FROM generate_series(1, 2000) AS n;

INSERT INTO licenses ("id", "key", "tenantId", "expiresAt", "status", "usageCount", "maxUsageCount")
SELECT
    md5('old license ' || n)::uuid,
    'BOLD-' || lpad(n::text, 4, '0') || '-ABCD-' || lpad(n::text, 4, '0'),
    md5('tenant ' || n)::uuid,
    LOCALTIMESTAMP - n % 300 * interval '1 day',
    'EXPIRED',
    100,
    100
FROM generate_series(5, 2000, 5) AS n;

INSERT INTO admin_users ("id", "name", "email", "passwordHash", "role", "lastLoginAt")
SELECT
    md5('admin ' || n)::uuid,
    'Admin ' || n,
    'admin' || n || '@central.example',
    'not a hash',
    CASE WHEN n <= 2 THEN 'SUPERADMIN' ELSE 'SUPPORT' END::admin_users_role_enum,
    LOCALTIMESTAMP - n * interval '9 hours'
FROM generate_series(1, 20) AS n;
