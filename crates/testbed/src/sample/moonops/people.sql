-- Clients, their projects with environments, and users. The setting sample.now is the sample's clock.

CREATE FUNCTION pg_temp.clock() RETURNS timestamptz STABLE LANGUAGE sql AS
$$ SELECT current_setting('sample.now')::timestamptz $$;

-- The same number in [0, 1) for the same seed, and no pattern between seeds.
CREATE FUNCTION pg_temp.noise(seed text) RETURNS double precision IMMUTABLE LANGUAGE sql AS
$$ SELECT ('x' || left(md5(seed), 7))::bit(28)::int / 268435456.0::double precision $$;

CREATE FUNCTION pg_temp.whole(seed text, low int, high int) RETURNS int IMMUTABLE LANGUAGE sql AS
$$ SELECT low + floor(pg_temp.noise(seed) * (high - low + 1))::int $$;

-- The id of what is named so: a client by its domain, a project by "domain/name".
CREATE FUNCTION pg_temp.id(seed text) RETURNS uuid IMMUTABLE LANGUAGE sql AS
$$ SELECT md5(seed)::uuid $$;

INSERT INTO clients (id, name, contact_email, status, created_at)
SELECT
    pg_temp.id(cast_of.domain),
    cast_of.name,
    'ops@' || cast_of.domain,
    cast_of.status,
    pg_temp.clock() - cast_of.days * interval '1 day'
FROM (VALUES
    -- Two of one name.
    ('acme.fr', 'Acme', 'active', 700),
    ('acme.example', 'Acme', 'active', 410),
    -- Pays in three currencies.
    ('globex.example', 'Globex', 'active', 900),
    -- Nobody has ever sent it an invoice.
    ('initech.example', 'Initech', 'active', 320),
    -- Too young for one.
    ('nouvelle.example', 'Nouvelle Étoile', 'active', 0),
    ('umbrella.example', 'Umbrella', 'suspended', 600),
    ('hooli.example', 'Hooli', 'archived', 1200),
    -- Has no owner any more.
    ('vandelay.example', 'Vandelay', 'active', 500),
    -- Has no project.
    ('empty.example', 'Empty Shell', 'active', 200),
    ('hostile.example', E'Hostile\u202Etxt\u001B[31m', 'active', 90)
) AS cast_of (domain, name, status, days);

INSERT INTO clients (id, name, contact_email, created_at)
SELECT
    pg_temp.id(format('client-%s.example', n)),
    format('Client %s', n),
    format('ops@client-%s.example', n),
    pg_temp.clock() - pg_temp.whole('client' || n, 100, 900) * interval '1 day'
FROM generate_series(1, 14) AS n;

-- What each project is there to show is in delivery.sql and watch.sql.
INSERT INTO projects (id, client_id, name, repository_url, status, created_at)
SELECT
    pg_temp.id(listed.domain || '/' || listed.name),
    pg_temp.id(listed.domain),
    listed.name,
    format('https://git.example/%s/%s', split_part(listed.domain, '.', 1), listed.name),
    listed.status,
    (SELECT c.created_at FROM clients AS c WHERE c.id = pg_temp.id(listed.domain)) + interval '1 hour'
FROM (
    VALUES
        ('acme.fr', 'webshop', 'active'),
        ('acme.fr', 'billing', 'active'),
        ('acme.example', 'webshop', 'active'),
        ('globex.example', 'portal', 'active'),
        ('globex.example', 'api', 'active'),
        ('globex.example', 'legacy', 'archived'),
        ('initech.example', 'reports', 'active'),
        ('nouvelle.example', 'site', 'active'),
        ('umbrella.example', 'lab', 'paused'),
        ('hooli.example', 'chat', 'archived'),
        ('vandelay.example', 'exports', 'active'),
        ('hostile.example', E'x\u0007y', 'active')
    UNION ALL
    SELECT format('client-%s.example', n), p.name, 'active'
    FROM generate_series(1, 14) AS n
    CROSS JOIN (VALUES ('app'), ('worker')) AS p (name)
) AS listed (domain, name, status);

INSERT INTO environments (id, client_id, project_id, name, url, status, created_at)
SELECT
    pg_temp.id(p.id || kind.name),
    p.client_id,
    p.id,
    kind.name,
    format('https://%s.%s.moonops.example', kind.name, p.name),
    'up',
    p.created_at
FROM projects AS p
CROSS JOIN (VALUES ('dev'), ('staging'), ('prod')) AS kind (name)
-- One project has none at all, one is not in production.
WHERE p.id <> pg_temp.id('nouvelle.example/site')
    AND NOT (p.id = pg_temp.id('vandelay.example/exports') AND kind.name = 'prod');

UPDATE environments SET status = 'down' WHERE id = pg_temp.id(pg_temp.id('globex.example/api') || 'prod');
UPDATE environments SET status = 'degraded' WHERE id = pg_temp.id(pg_temp.id('acme.fr/billing') || 'staging');
UPDATE environments SET status = NULL WHERE id = pg_temp.id(pg_temp.id('client-3.example/app') || 'dev');

-- Of each client an owner, an admin and three more; of MoonOps itself four.
INSERT INTO users (id, client_id, email, full_name, password_hash, role, status, last_login_at, created_at)
SELECT
    pg_temp.id(account.local || '@' || split_part(c.contact_email, '@', 2)),
    c.id,
    account.local || '@' || split_part(c.contact_email, '@', 2),
    initcap(account.local),
    '$2b$12$' || md5(c.id::text || account.local),
    account.role,
    CASE WHEN c.status = 'archived' THEN 'disabled' ELSE 'active' END,
    pg_temp.clock() - pg_temp.whole('login' || c.id || account.local, 1, 40 * 24) * interval '1 hour',
    c.created_at
FROM clients AS c
CROSS JOIN (VALUES ('claire', 'owner'), ('adam', 'admin'), ('dev1', 'developer'), ('dev2', 'developer'), ('guest', 'viewer'))
    AS account (local, role);

INSERT INTO users (id, email, full_name, password_hash, role, last_login_at, created_at)
SELECT
    pg_temp.id(staff.local || '@moonops.example'),
    staff.local || '@moonops.example',
    initcap(staff.local),
    '$2b$12$' || md5(staff.local),
    staff.role,
    pg_temp.clock() - staff.days * interval '1 day',
    pg_temp.clock() - interval '1000 days'
FROM (VALUES ('luna', 'owner', 0), ('selene', 'admin', 1), ('apollo', 'admin', 210), ('buzz', 'developer', 3))
    AS staff (local, role, days);

-- Dormant, never in, invited long ago, switched off; and the owner that Vandelay has no more.
UPDATE users SET last_login_at = pg_temp.clock() - interval '200 days' WHERE email IN ('adam@acme.fr', 'dev2@globex.example');
UPDATE users SET last_login_at = NULL WHERE email = 'guest@client-1.example';
UPDATE users SET last_login_at = NULL, status = 'invited', created_at = pg_temp.clock() - interval '30 days' WHERE email = 'guest@acme.fr';
UPDATE users SET status = 'disabled' WHERE email IN ('claire@vandelay.example', 'dev1@initech.example');
