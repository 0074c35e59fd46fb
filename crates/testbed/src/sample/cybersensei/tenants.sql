-- Tenants, their licenses and the administrators.

INSERT INTO tenants ("id", "name", "contactEmail", "licenseKey", "active", "companyName",
                     "address", "phone", "createdAt", "updatedAt")
SELECT id, name, format('ops@%s.example', name),
       CASE no WHEN 21 THEN 'LAB-0000-GONE-0021'      -- no such license
               WHEN 22 THEN pg_temp.lab_key(123)      -- a license of lab-023
               WHEN 31 THEN 'DEMO-0001-ABCD-2001'
               ELSE pg_temp.lab_key(no) END,
       quirk <> 'inactive',
       CASE no WHEN 29 THEN E'Łab \u202E29\u202C 実験室 🧪'
               WHEN 30 THEN NULL
               ELSE format('Lab Company %s', no) END,
       CASE WHEN no <> 30 THEN format('%s Sample Street, Springfield', no) END,
       CASE WHEN no <> 30 THEN format('+1 555 01%s', lpad(no::text, 2, '0')) END,
       pg_temp.clock() - (400 - no) * interval '1 day',
       pg_temp.clock() - no * interval '1 day'
FROM sample_tenants;

-- Most have one active license; the exceptions follow.
INSERT INTO licenses ("id", "key", "tenantId", "expiresAt", "status", "usageCount",
                      "maxUsageCount", "notes", "createdAt", "updatedAt")
SELECT pg_temp.id('license ' || key), key, pg_temp.id('tenant ' || no),
       CASE WHEN expires = 'never' THEN NULL
            WHEN expires = 'infinity' THEN 'infinity'::timestamp
            ELSE pg_temp.clock() + expires::interval END,
       status::licenses_status_enum, used, allowed, notes,
       pg_temp.clock() - (390 - no) * interval '1 day',
       pg_temp.clock() - (no + 1) * interval '17 hours'
FROM (
    SELECT no, pg_temp.lab_key(no) AS key, 'ACTIVE' AS status,
           format('%s days', 60 + no * 9) AS expires,
           pg_temp.whole('used ' || no, 1, 60) AS used, 100 AS allowed, NULL AS notes
    FROM sample_tenants
    WHERE no NOT IN (2, 3, 4, 5, 6, 7, 8, 9, 21, 24, 28, 31)
    UNION ALL VALUES
    (2,  pg_temp.lab_key(2),   'ACTIVE',  '5 days 1 hour', 12,   100,  'Renewal sent to purchasing.'),
    (3,  pg_temp.lab_key(3),   'ACTIVE',  '20 days 1 hour', 40,   100,  NULL),
    (4,  pg_temp.lab_key(4),   'ACTIVE',  '-3 days',   55,   100,  NULL),  -- expired, yet ACTIVE
    (5,  pg_temp.lab_key(5),   'ACTIVE',  'never',     7000, NULL, E'Perpetual.\nUnlimited use by contract 2024-117.'),
    (6,  pg_temp.lab_key(6),   'PENDING', '365 days',  0,    100,  'Waits for the signature.'),
    (7,  pg_temp.lab_key(7),   'REVOKED', '120 days',  31,   100,  'Revoked: key was published.'),
    (8,  pg_temp.lab_key(8),   'ACTIVE',  '200 days',  120,  100,  NULL),  -- over its quota
    (9,  pg_temp.lab_key(9),   'ACTIVE',  '210 days',  85,   100,  NULL),  -- near its quota
    (21, pg_temp.lab_key(21),  'ACTIVE',  '150 days',  3,    100,  NULL),  -- the tenant names another
    (23, pg_temp.lab_key(123), 'ACTIVE',  '160 days',  9,    50,   NULL),  -- named by lab-022
    (24, pg_temp.lab_key(24),  'EXPIRED', '-40 days',  77,   100,  NULL),
    (25, pg_temp.lab_key(125), 'EXPIRED', '-400 days', 100,  100,  NULL),  -- siblings
    (25, pg_temp.lab_key(225), 'REVOKED', '30 days',   5,    100,  NULL),
    (28, pg_temp.lab_key(28),  'ACTIVE',  'infinity',  1,    0,    NULL),  -- nothing is allowed
    (31, 'DEMO-0001-ABCD-2001', 'ACTIVE',  '300 days', 17,   250,  'Usable: for the demo.'),
    (31, 'DEMO-0002-ABCD-2002', 'REVOKED', '300 days', 17,   250,  'Revoked: for the demo.'),
    (32, 'DEMO-0003-AAAA-2003', 'ACTIVE',  '300 days', 1,    10,   NULL),  -- one prefix,
    (33, 'DEMO-0003-BBBB-2004', 'ACTIVE',  '300 days', 2,    10,   NULL),  -- two keys
    (34, 'DEMO-0004-ABCD-2005', 'ACTIVE',  '-1 day',   2,    10,   NULL)
) AS sample (no, key, status, expires, used, allowed, notes);

INSERT INTO admin_users ("id", "name", "email", "passwordHash", "role", "active", "lastLoginAt",
                         "createdAt", "updatedAt")
SELECT pg_temp.id('admin ' || email), name, email,
       '$2b$10$' || translate(encode(sha256(email::bytea), 'base64'), '+=', './') || 'sample...',
       role::admin_users_role_enum, active, pg_temp.clock() - seen::interval,
       pg_temp.clock() - interval '500 days', pg_temp.clock() - interval '20 days'
FROM (VALUES
    ('Alice Martin',  'alice@central.example',  'SUPERADMIN', true,  '2 hours'),
    ('Bob Stone',     'bob@central.example',    'SUPERADMIN', true,  '3 days'),
    ('Chloé Dubois',  'chloe@central.example',  'SUPERADMIN', true,  '120 days'),
    ('Root',          'root@central.example',   'SUPERADMIN', true,  NULL),
    ('Dan Reyes',     'dan@central.example',    'SUPPORT',    true,  '40 minutes'),
    ('Erin Okafor',   'erin@central.example',   'SUPPORT',    true,  NULL),
    ('Former Helper', 'former@central.example', 'SUPPORT',    false, '300 days')
) AS sample (name, email, role, active, seen);
