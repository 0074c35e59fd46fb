-- Short ways to say what a row is about. What is named is a client ("acme"), a project ("acme/shop") or an environment
-- ("acme/shop/prod"). Times are "so long ago".

CREATE FUNCTION id(text) RETURNS uuid IMMUTABLE LANGUAGE sql AS 'SELECT md5($1)::uuid';

-- A client, with an owner.
CREATE FUNCTION client(text, name text DEFAULT NULL, status text DEFAULT 'active', age interval DEFAULT '400 days')
RETURNS void LANGUAGE sql AS $$
    INSERT INTO clients (id, name, contact_email, status, created_at)
    VALUES (id($1), coalesce($2, $1), 'ops@' || $1, $3, now() - $4);
    INSERT INTO users (client_id, email, password_hash, role, last_login_at)
    VALUES (id($1), 'owner@' || $1, 'not to be read', 'owner', now())
$$;

CREATE FUNCTION project(text, status text DEFAULT 'active') RETURNS void LANGUAGE sql AS $$
    INSERT INTO projects (id, client_id, name, status) VALUES (id($1), id(split_part($1, '/', 1)), split_part($1, '/', 2), $2)
$$;

CREATE FUNCTION env(text, status text DEFAULT 'up') RETURNS void LANGUAGE sql AS $$
    INSERT INTO environments (id, client_id, project_id, name, status)
    VALUES (id($1), id(split_part($1, '/', 1)), id(split_part($1, '/', 1) || '/' || split_part($1, '/', 2)), split_part($1, '/', 3), $2)
$$;

-- A run of a pipeline ("acme/shop/build"), and how long it took if it is over.
CREATE FUNCTION run(text, status text, age interval, took interval DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO pipelines (client_id, project_id, name, status, created_at, started_at, finished_at)
    VALUES (
        id(split_part($1, '/', 1)), id(split_part($1, '/', 1) || '/' || split_part($1, '/', 2)), split_part($1, '/', 3), $2,
        now() - $3, CASE WHEN $2 <> 'queued' THEN now() - $3 END, now() - $3 + $4
    )
$$;

CREATE FUNCTION deploy(text, version text, status text, age interval) RETURNS void LANGUAGE sql AS $$
    INSERT INTO deployments (client_id, project_id, environment_id, version, status, created_at)
    SELECT e.client_id, e.project_id, e.id, $2, $3, now() - $4 FROM environments AS e WHERE e.id = id($1)
$$;

CREATE FUNCTION sample(text, cpu float8, ram float8, latency float8, age interval DEFAULT '1 minute') RETURNS void LANGUAGE sql AS $$
    INSERT INTO metrics (client_id, environment_id, metric, value, recorded_at)
    SELECT id(split_part($1, '/', 1)), id($1), kind.metric, kind.value, now() - $5
    FROM (VALUES ('cpu', $2), ('ram', $3), ('latency', $4)) AS kind (metric, value)
    WHERE kind.value IS NOT NULL
$$;

-- An alert of a project.
CREATE FUNCTION alert(text, severity text, title text, status text DEFAULT 'open', age interval DEFAULT '5 minutes')
RETURNS void LANGUAGE sql AS $$
    INSERT INTO alerts (id, client_id, project_id, severity, title, status, created_at)
    VALUES (id($1 || $3 || $5), id(split_part($1, '/', 1)), id($1), $2, $3, $4, now() - $5)
$$;

-- An invoice of a client, whose period begins so many days and months after the first of this month.
CREATE FUNCTION bill(text, amount numeric, currency text DEFAULT 'EUR', starts interval DEFAULT '0 days', status text DEFAULT 'paid', due interval DEFAULT '30 days')
RETURNS void LANGUAGE sql AS $$
    INSERT INTO invoices (client_id, number, amount, currency, billing_period_start, billing_period_end, status, due_on)
    VALUES (
        id($1), gen_random_uuid()::text, $2, $3, date_trunc('month', LOCALTIMESTAMP) + $4,
        date_trunc('month', LOCALTIMESTAMP) + $4 + interval '1 month', $5, current_date + $6
    )
$$;
