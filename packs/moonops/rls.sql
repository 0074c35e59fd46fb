-- What keeps clients apart: of each table whether row-level security is on, for whom, and by which policies; who this
-- login is to them; and whether a connection keeps somebody's setting. Catalogs alone are read, so it needs no client.

WITH RECURSIVE called AS (
    SELECT
        d.objid AS policy,
        d.refobjid AS function
    FROM pg_depend AS d
    WHERE d.classid = 'pg_policy'::regclass
        AND d.refclassid = 'pg_proc'::regclass
    UNION
    SELECT
        called.policy,
        callee.oid
    FROM called
    JOIN pg_proc AS caller
        ON caller.oid = called.function
    JOIN pg_proc AS callee
        ON callee.pronamespace <> 'pg_catalog'::regnamespace
            AND strpos(lower(regexp_replace(caller.prosrc, '\s+\(', '(', 'g')), lower(callee.proname) || '(') > 0
),
-- What the functions say that a policy calls, and those that these call: a policy may get the client by one of them.
body AS (
    SELECT
        called.policy,
        -- The definition has the body whichever way it was written; PostgreSQL refuses to write one for an aggregate.
        string_agg(CASE WHEN f.prokind <> 'a' THEN pg_get_functiondef(f.oid) END, ' ') AS text
    FROM called
    JOIN pg_proc AS f
        ON f.oid = called.function
    WHERE f.pronamespace <> 'pg_catalog'::regnamespace
    GROUP BY called.policy
),
expected (rank, name, has_client) AS (
    VALUES
        (10, 'clients', false), (11, 'projects', true), (12, 'environments', true), (13, 'pipelines', true),
        (14, 'deployments', true), (15, 'metrics', true), (16, 'alerts', true), (17, 'invoices', true),
        (18, 'users', true), (19, 'audit_logs', true)
),
known AS (
    SELECT
        x.rank,
        x.name,
        x.has_client,
        t.oid,
        t.relrowsecurity AS enabled,
        t.relforcerowsecurity AS forced,
        owner.rolname AS owner,
        owner.rolcanlogin AND NOT owner.rolsuper AND NOT owner.rolbypassrls AS owner_logs_in,
        CASE WHEN t.oid IS NOT NULL THEN row_security_active(t.oid) END AS binds,
        policy.*
    FROM expected AS x
    LEFT JOIN pg_class AS t
        ON t.oid = to_regclass(x.name)
    LEFT JOIN pg_roles AS owner
        ON owner.oid = t.relowner
    CROSS JOIN LATERAL (
        SELECT
            count(p.oid) AS policies,
            count(p.oid) FILTER (WHERE EXISTS (
                SELECT FROM unnest(p.polroles) AS role (oid)
                WHERE CASE role.oid WHEN 0 THEN true ELSE pg_has_role(role.oid, 'USAGE') END
            )) AS policies_for_us,
            string_agg(p.polname, ', ' ORDER BY p.polname) AS names,
            string_agg(DISTINCT CASE
                WHEN p.polroles = '{0}' THEN 'all'
                ELSE (SELECT string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM pg_roles AS r WHERE r.oid = ANY (p.polroles))
            END, ', ') AS of_roles,
            bool_or(p.polpermissive AND p.polqual IS NULL AND p.polcmd IN ('*', 'r')
                OR p.polpermissive AND pg_get_expr(p.polqual, p.polrelid) = 'true') AS lets_all,
            bool_or(said.text LIKE '%app.current_client_id%') AS by_setting,
            -- An empty text is what a connection has after the setting was made for one transaction.
            bool_or(said.text ~* 'current_setting' AND said.text !~* 'nullif') AS fails_empty
        FROM pg_policy AS p
        LEFT JOIN body
            ON body.policy = p.oid
        CROSS JOIN LATERAL (SELECT concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), body.text) AS text) AS said
        WHERE p.polrelid = t.oid
    ) AS policy
),
whole AS (
    SELECT
        count(*) FILTER (WHERE k.enabled AND k.has_client) AS enabled,
        bool_or(k.policies > 0) AS any_policy,
        bool_or(k.enabled AND NOT k.binds) AS unbound
    FROM known AS k
),
judged AS (
    SELECT
        k.rank,
        k.name AS subject,
        CASE
            WHEN k.oid IS NULL THEN ARRAY['unknown', 'missing']
            WHEN NOT k.has_client AND NOT k.enabled THEN ARRAY['ok', 'lists_clients']
            WHEN whole.enabled = 0 AND k.policies = 0 THEN ARRAY['off', 'not_used']
            WHEN NOT k.enabled AND k.policies > 0 THEN ARRAY['crit', 'asleep']
            WHEN NOT k.enabled THEN ARRAY['crit', 'left_out']
            WHEN k.policies = 0 THEN ARRAY['crit', 'no_policy']
            WHEN k.binds AND k.policies_for_us = 0 THEN ARRAY['crit', 'not_for_us']
            WHEN k.lets_all THEN ARRAY['crit', 'lets_all']
            WHEN NOT k.by_setting AND k.has_client THEN ARRAY['crit', 'other_setting']
            WHEN k.fails_empty THEN ARRAY['warn', 'fails_empty']
            WHEN k.owner_logs_in AND NOT k.forced THEN ARRAY['warn', 'owner_exempt']
            ELSE ARRAY['ok', NULL]
        END AS found,
        CASE WHEN k.enabled THEN CASE WHEN k.forced THEN 'forced' ELSE 'on' END WHEN NOT k.enabled THEN 'off' END AS security,
        k.policies,
        k.names AS policy,
        k.of_roles,
        k.owner,
        k.binds,
        NULL::text AS value
    FROM known AS k
    CROSS JOIN whole
    UNION ALL
    SELECT
        1,
        'this login',
        CASE
            WHEN whole.enabled = 0 THEN ARRAY['warn', 'nothing_on']
            WHEN me.rolsuper THEN ARRAY['warn', 'superuser']
            WHEN me.rolbypassrls THEN ARRAY['warn', 'bypasses']
            WHEN whole.unbound THEN ARRAY['warn', 'owns']
            ELSE ARRAY['ok', 'bound']
        END,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NOT (me.rolsuper OR me.rolbypassrls OR whole.unbound) AND whole.enabled > 0,
        me.rolname::text
    FROM pg_roles AS me
    CROSS JOIN whole
    WHERE me.rolname = current_user
    UNION ALL
    SELECT
        2,
        'app.current_client_id',
        CASE
            WHEN setting.value <> '' THEN ARRAY['crit', 'kept']
            WHEN setting.value = '' THEN ARRAY['ok', 'left_empty']
            ELSE ARRAY['ok', 'never_set']
        END,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        nullif(setting.value, '')
    FROM (SELECT current_setting('app.current_client_id', true) AS value) AS setting
)
SELECT
    j.found[1] AS severity,
    j.found[2] AS reason,
    j.subject,
    j.security,
    j.policies,
    j.policy,
    j.of_roles,
    j.owner,
    j.binds,
    j.value
FROM judged AS j
ORDER BY j.rank;
