-- Roles, users and sessions. The setting sample.now is the sample's clock, a UTC time.

CREATE FUNCTION pg_temp.clock() RETURNS timestamp STABLE LANGUAGE sql AS
$$ SELECT current_setting('sample.now')::timestamptz AT TIME ZONE 'UTC' $$;

-- The same number in [0, 1) for the same seed, and no pattern between seeds.
CREATE FUNCTION pg_temp.noise(seed text) RETURNS double precision IMMUTABLE LANGUAGE sql AS
$$ SELECT ('x' || left(md5(seed), 7))::bit(28)::int / 268435456.0::double precision $$;

CREATE FUNCTION pg_temp.whole(seed text, low int, high int) RETURNS int IMMUTABLE LANGUAGE sql AS
$$ SELECT low + floor(pg_temp.noise(seed) * (high - low + 1))::int $$;

-- Looks like a JSON Web Token, and is none.
CREATE FUNCTION pg_temp.token(seed text) RETURNS text IMMUTABLE LANGUAGE sql AS
$$ SELECT 'eyJhbGciOiJIUzI1NiJ9.' || encode(convert_to(md5(seed), 'UTF8'), 'hex') || '.' || md5(seed || 'signed') $$;

-- Wildcards, a role that nobody has, one that grants nothing.
INSERT INTO roles (name, permissions) VALUES
    ('admin', '{*}'),
    ('operator', '{logs:*,queue:write,cache:write}'),
    ('reader', '{logs:read,queue:read}'),
    ('gaia', '{logs:read}'),
    ('guest', '{}'),
    ('auditor', '{logs:read,sessions:read}');

INSERT INTO users (username, email, password_hash, role_id, created_at)
SELECT
    cast_of.name,
    cast_of.name || '@kronos.example',
    '$argon2id$v=19$m=65536,t=3,p=4$' || md5(cast_of.name),
    (SELECT r.id FROM roles AS r WHERE r.name = cast_of.role),
    pg_temp.clock() - cast_of.days * interval '1 day'
FROM (VALUES
    ('ines', 'admin', 400),
    ('marc', 'operator', 380),
    ('gaia', 'gaia', 370),
    -- Two people: names are unique by case.
    ('Sophie', 'reader', 300),
    ('sophie', 'reader', 20),
    -- A name that is somebody else's id.
    ('2', 'reader', 90),
    -- Without a role, one of them logged in.
    ('stagiaire', NULL, 12),
    ('ancien', NULL, 600),
    -- Their role grants nothing.
    ('invite', 'guest', 45),
    (E'hostile\u202Etxt', 'reader', 3)
) AS cast_of (name, role, days);

INSERT INTO users (username, email, password_hash, role_id, created_at)
SELECT
    format('user-%s', lpad(n::text, 3, '0')),
    format('user-%s@kronos.example', lpad(n::text, 3, '0')),
    '$argon2id$v=19$m=65536,t=3,p=4$' || md5(n::text),
    3,
    pg_temp.clock() - pg_temp.whole('user' || n, 1, 500) * interval '1 day'
FROM generate_series(1, 30) AS n;

-- Active ones, those that expired within the day, and many that nothing has deleted since.
INSERT INTO sessions (user_id, token, created_at, expires_at)
SELECT
    pg_temp.whole('who' || n, 11, 40),
    pg_temp.token('session' || n),
    pg_temp.clock() + ends.after - interval '12 hours',
    pg_temp.clock() + ends.after
FROM generate_series(1, 260) AS n
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN n <= 60 THEN pg_temp.whole('end' || n, 5, 660) * interval '1 minute'
        WHEN n <= 80 THEN -pg_temp.whole('end' || n, 5, 1200) * interval '1 minute'
        ELSE -pg_temp.whole('end' || n, 26, 24 * 90) * interval '1 hour'
    END AS after
) AS ends;

INSERT INTO sessions (user_id, token, created_at, expires_at) VALUES
    -- Without an end.
    (3, pg_temp.token('gaia'), pg_temp.clock() - interval '200 days', NULL),
    (8, pg_temp.token('ancien'), pg_temp.clock() - interval '500 days', 'infinity'),
    -- One token for two.
    (1, pg_temp.token('shared'), pg_temp.clock() - interval '2 hours', pg_temp.clock() + interval '10 hours'),
    (2, pg_temp.token('shared'), pg_temp.clock() - interval '1 hour', pg_temp.clock() + interval '11 hours'),
    -- Of nobody.
    (NULL, pg_temp.token('nobody'), pg_temp.clock() - interval '3 hours', pg_temp.clock() + interval '9 hours'),
    -- Logged in without a role.
    (7, pg_temp.token('stagiaire'), pg_temp.clock() - interval '20 minutes', pg_temp.clock() + interval '11 hours');
