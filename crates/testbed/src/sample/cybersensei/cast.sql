-- Who is in the sample, and the functions that the other files use. Everything lives in the
-- session's temporary schema; the setting sample.now is the sample's clock, a UTC time.

CREATE FUNCTION pg_temp.clock() RETURNS timestamp STABLE LANGUAGE sql AS
$$ SELECT current_setting('sample.now')::timestamptz AT TIME ZONE 'UTC' $$;

CREATE FUNCTION pg_temp.id(seed text) RETURNS uuid IMMUTABLE LANGUAGE sql AS
$$ SELECT md5(seed)::uuid $$;

-- The same number in [0, 1) for the same seed, and no pattern between seeds.
CREATE FUNCTION pg_temp.noise(seed text) RETURNS double precision IMMUTABLE LANGUAGE sql AS
$$ SELECT ('x' || left(md5(seed), 7))::bit(28)::int / 268435456.0::double precision $$;

CREATE FUNCTION pg_temp.whole(seed text, low int, high int) RETURNS int IMMUTABLE LANGUAGE sql AS
$$ SELECT low + floor(pg_temp.noise(seed) * (high - low + 1))::int $$;

CREATE FUNCTION pg_temp.lab_key(number int) RETURNS text IMMUTABLE LANGUAGE sql AS
$$ SELECT upper(format('LAB-%s-%s-%s', substr(md5('key' || number), 1, 4),
                       substr(md5('key' || number), 5, 4), lpad(number::text, 4, '0'))) $$;

-- A template with what differs from event to event put in.
CREATE FUNCTION pg_temp.filled(template text, seed text) RETURNS text IMMUTABLE LANGUAGE sql AS
$$ SELECT replace(replace(replace(replace(template,
          '{uuid}', pg_temp.id('in ' || seed)::text),
          '{hex}', left(md5('hex ' || seed), 12)),
          '{ip}', format('10.%s.%s.%s', pg_temp.whole(seed || 'a', 0, 255),
                         pg_temp.whole(seed || 'b', 0, 255), pg_temp.whole(seed || 'c', 1, 254))),
          '{n}', pg_temp.whole(seed || 'n', 10, 9999)::text) $$;

-- quirk: what is special about a tenant's metrics.
CREATE TEMP TABLE sample_tenants AS
SELECT no,
       format('lab-%s', lpad(no::text, 3, '0')) AS name,
       pg_temp.id('tenant ' || no)              AS id,
       coalesce(quirk, 'steady')                AS quirk,
       20 + no * 37 % 180                       AS users,
       CASE quirk WHEN 'slow' THEN 2100 WHEN 'slower' THEN 3200
                  ELSE 300 + no * 53 % 400 END  AS latency,
       coalesce(version, CASE WHEN no % 4 = 0 THEN '1.16.0' ELSE '1.15.0' END) AS version
FROM generate_series(1, 40) AS no
LEFT JOIN (VALUES
    (10, 'slow',     NULL),         -- over 1.5 s
    (11, 'slower',   NULL),         -- over 3 s
    (12, 'silent',   NULL),         -- for three hours
    (13, 'never',    NULL),         -- no metric at all
    (14, 'inactive', '1.9.0'),      -- switched off, so its silence is no news
    (15, 'gaps',     NULL),         -- holes in the series
    (16, 'restarts', NULL),         -- uptime falls to zero every five hours
    (17, 'steady',   '1.8.0'),      -- far behind, on an inactive version
    (18, 'steady',   '9.9.9-dev'),  -- a version that no update has
    (19, 'steady',   '1.9.0'),      -- an inactive version
    (20, 'late',     NULL),         -- last seen twenty minutes ago
    (26, 'nan',      NULL),         -- latency is NaN now and then
    (27, 'no ai',    NULL),         -- latency is NULL: no call was made
    (40, 'steady',   '2.0.0-beta.1')
) AS special (special_no, quirk, version) ON special_no = no;

-- What happens again and again. {uuid} {hex} {n} {ip} differ in each event, so that only
-- fingerprinting finds the events of one cause.
CREATE TEMP TABLE sample_causes (
    cause text, level text, source text, method text, endpoint text, status int, message text,
    stack text,
    tenants int  -- how many tenants it strikes, from lab-001 on; 0: none is named, -1: unknown ids
);
INSERT INTO sample_causes VALUES
    ('quota', 'CRITICAL', 'NODE', 'GET', '/api/v1/items/{n}', 500,
     'quota sync failed for tenant {uuid}: request {hex} from {ip}',
     E'Error: quota sync failed\n    at syncQuota (quota.service.ts:112:17)\n    at Scheduler.tick (scheduler.ts:40:9)\n    at main', 31),
    ('llm', 'CRITICAL', 'NODE', 'POST', '/api/v1/chat/{uuid}/messages', 502,
     'llm call failed for tenant {uuid}: request {hex} from {ip}',
     E'BadGateway: upstream closed the connection\n    at LlmClient.post (llm.client.ts:88:13)\n    at ChatService.answer (chat.service.ts:{n}:22)', 22),
    ('pool', 'CRITICAL', 'BACKEND', NULL, NULL, NULL,
     'connection pool exhausted: {n} waiting, 20 of 20 in use',
     E'TimeoutError: ResourceRequest timed out\n    at Pool.acquire (pool.js:230:11)', 0),
    ('certificate', 'CRITICAL', 'SYSTEM', NULL, NULL, NULL,
     'certificate of node n-{n} expires in 6 days', NULL, 12),
    ('forgotten', 'CRITICAL', 'BACKEND', 'DELETE', '/api/v1/tenants/{uuid}', 500,
     'could not delete archive "{hex}.tar": permission denied', NULL, 1),
    ('billing', 'ERROR', 'BACKEND', 'POST', '/api/v1/invoices/{n}/send', 504,
     'timeout after {n} ms calling "billing" at {ip}',
     E'TimeoutError: deadline exceeded\n    at BillingClient.send (billing.ts:31:5)', 18),
    ('undefined', 'ERROR', 'NODE', 'GET', '/api/v1/exercises/{uuid}', 500,
     'unhandled rejection: Cannot read properties of undefined (reading ''id'')',
     E'TypeError: Cannot read properties of undefined (reading ''id'')\n    at ExerciseView.render (view.tsx:64:31)\n'
     || (SELECT string_agg(format(E'    at frame%s (vendor/bundle.min.js:1:%s)', n, n * 977), E'\n')
         FROM generate_series(1, 60) AS n), 9),
    ('disk', 'ERROR', 'SYSTEM', NULL, NULL, NULL, 'disk of node n-{n} is {n} % full', NULL, 0),
    ('orphan', 'ERROR', 'BACKEND', 'GET', '/api/v1/licenses/{uuid}', 404,
     'license check for unknown tenant {uuid} from {ip}', NULL, -1),
    ('slow model', 'WARNING', 'NODE', 'POST', '/api/v1/chat/{uuid}/messages', 200,
     'slow model answer: {n} ms', NULL, 36),
    ('rate limit', 'WARNING', 'BACKEND', 'GET', '/api/v1/users/{n}/progress', 429,
     'rate limit reached by user {n} at {ip}', NULL, 5),
    ('backup', 'INFO', 'SYSTEM', NULL, NULL, NULL, 'backup {hex} finished in {n} s', NULL, 0),
    ('languages', 'INFO', 'NODE', 'PUT', '/api/v1/profiles/{n}', 200,
     'profile saved: Zoë Ångström, 山田 太郎, مريم, 👩‍💻 café', NULL, 3);

-- Filled before metrics.sql, and before errors.sql.
CREATE TEMP TABLE sample_points (no int, at timestamp);
CREATE TEMP TABLE sample_events (
    cause text, i bigint, at timestamp, resolved_at timestamp, resolved_by text, notes text
);
