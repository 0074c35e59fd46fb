-- Runs of pipelines, and deployments.

-- Every six hours for a month, most of them good.
INSERT INTO pipelines (client_id, project_id, name, branch, commit_sha, status, triggered_by, created_at, started_at, finished_at)
SELECT
    p.client_id,
    p.id,
    kind.name,
    CASE WHEN pg_temp.noise('branch' || run.seed) < 0.8 THEN 'main' ELSE 'feature/' || pg_temp.whole('feature' || run.seed, 1, 40) END,
    left(md5(run.seed) || md5(run.seed || 'more'), 40),
    CASE WHEN pg_temp.noise('fails' || run.seed) < 0.07 AND n > 1 THEN 'failed' ELSE 'success' END,
    pg_temp.id('dev1@' || split_part(c.contact_email, '@', 2)),
    run.at,
    run.at + interval '20 seconds',
    run.at + interval '20 seconds' + kind.usual * (0.8 + 0.4 * pg_temp.noise('takes' || run.seed))
FROM projects AS p
JOIN clients AS c
    ON c.id = p.client_id
CROSS JOIN (VALUES ('build', interval '6 minutes'), ('tests', interval '14 minutes')) AS kind (name, usual)
CROSS JOIN generate_series(1, 110) AS n
CROSS JOIN LATERAL (
    SELECT p.id || kind.name || n AS seed, pg_temp.clock() - n * interval '6 hours' - interval '20 minutes' AS at
) AS run
WHERE p.status <> 'archived'
    AND p.id <> pg_temp.id('nouvelle.example/site')
    AND run.at > p.created_at;

INSERT INTO pipelines (client_id, project_id, name, status, created_at, started_at, finished_at)
SELECT
    p.client_id,
    p.id,
    run.name,
    run.status,
    pg_temp.clock() - run.queued,
    pg_temp.clock() - run.started,
    pg_temp.clock() - run.finished
FROM (VALUES
    -- Hangs: a build takes six minutes. One that came later is through already.
    ('acme.fr/webshop', 'build', 'running', interval '48 minutes', interval '47 minutes', NULL),
    ('acme.fr/webshop', 'build', 'success', interval '9 minutes', interval '9 minutes', interval '3 minutes'),
    -- Slower than usual, but not three times.
    ('globex.example/portal', 'tests', 'running', interval '22 minutes', interval '21 minutes', NULL),
    -- Nothing to compare it with.
    ('nouvelle.example/site', 'import', 'running', interval '5 hours', interval '5 hours', NULL),
    -- No runner takes it.
    ('initech.example/reports', 'build', 'queued', interval '2 hours', NULL, NULL),
    -- The newest has failed, and so have most.
    ('globex.example/api', 'build', 'failed', interval '50 minutes', interval '49 minutes', interval '44 minutes'),
    ('client-5.example/app', 'tests', 'failed', interval '10 minutes', interval '9 minutes', interval '1 minute'),
    ('client-5.example/app', 'tests', 'cancelled', interval '8 minutes', NULL, interval '7 minutes')
) AS run (project, name, status, queued, started, finished)
JOIN projects AS p
    ON p.id = pg_temp.id(run.project);

UPDATE pipelines
SET status = 'failed'
WHERE project_id = pg_temp.id('globex.example/api')
    AND name = 'build'
    AND status = 'success'
    AND pg_temp.noise('flaky' || id) < 0.6
    AND created_at > pg_temp.clock() - interval '7 days';

-- A release every five days: on dev at once, on staging a day later, in production two days later.
INSERT INTO deployments (client_id, project_id, environment_id, version, status, deployed_by, created_at, finished_at)
SELECT
    e.client_id,
    e.project_id,
    e.id,
    format('2.%s.%s', 20 - n, pg_temp.whole('patch' || e.project_id || n, 0, 3)),
    CASE WHEN pg_temp.noise('fails' || e.id || n) < 0.06 AND n > 1 THEN 'failed' ELSE 'success' END,
    CASE
        WHEN pg_temp.noise('by' || e.id || n) < 0.1 THEN pg_temp.id('selene@moonops.example')
        ELSE pg_temp.id('dev2@' || split_part(c.contact_email, '@', 2))
    END,
    at.time,
    at.time + interval '4 minutes'
FROM environments AS e
JOIN clients AS c
    ON c.id = e.client_id
JOIN projects AS p
    ON p.id = e.project_id
CROSS JOIN generate_series(1, 18) AS n
CROSS JOIN LATERAL (
    SELECT
        pg_temp.clock() - n * interval '5 days' - pg_temp.whole('hour' || e.project_id || n, 0, 20) * interval '1 hour'
        + CASE e.name WHEN 'dev' THEN interval '0 days' WHEN 'staging' THEN interval '1 day' ELSE interval '2 days' END AS time
) AS at
WHERE at.time > e.created_at
    AND (p.status = 'active' OR n > 8);

INSERT INTO deployments (client_id, project_id, environment_id, version, status, deployed_by, created_at, finished_at)
SELECT
    p.client_id,
    p.id,
    pg_temp.id(p.id || made.environment),
    made.version,
    made.status,
    pg_temp.id(made.author),
    pg_temp.clock() - made.ago,
    CASE WHEN made.status NOT IN ('pending', 'running') THEN pg_temp.clock() - made.ago + interval '3 minutes' END
FROM (VALUES
    -- The last one in production has failed.
    ('acme.fr/billing', 'staging', '3.0.0', 'success', interval '5 hours', 'dev2@acme.fr'),
    ('acme.fr/billing', 'prod', '3.0.0', 'failed', interval '2 hours', 'dev2@acme.fr'),
    -- Taken back.
    ('globex.example/portal', 'prod', '2.20.0', 'rolled_back', interval '7 hours', 'selene@moonops.example'),
    -- Goes on for three hours.
    ('globex.example/api', 'staging', '2.21.0', 'running', interval '3 hours', 'dev2@globex.example'),
    -- Past staging.
    ('client-2.example/app', 'prod', '2.19.9-hotfix', 'success', interval '4 hours', 'dev2@client-2.example'),
    ('client-2.example/app', 'dev', '3.1.0', 'failed', interval '1 hour', 'dev2@client-2.example')
) AS made (project, environment, version, status, ago, author)
JOIN projects AS p
    ON p.id = pg_temp.id(made.project);

-- Staging is far ahead: nothing went to production for forty days.
DELETE FROM deployments
WHERE environment_id = pg_temp.id(pg_temp.id('acme.example/webshop') || 'prod')
    AND created_at > pg_temp.clock() - interval '40 days';
