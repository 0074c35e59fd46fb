-- Whether policies decide which rows the login sees, of the tables that it may read, and which settings they read. A policy
-- counts where it is for this login. What a function says that a policy calls is part of what the policy says, and so is
-- what that one calls. What no text shows, because it is compiled or put together, may read any setting.
WITH RECURSIVE login AS (
  SELECT rolsuper AS is_super, rolbypassrls AS bypasses
  FROM pg_catalog.pg_roles WHERE rolname = current_user
), guarded AS (
  SELECT c.oid, c.relrowsecurity AS is_on, pg_catalog.pg_has_role(current_user, c.relowner, 'USAGE') AS owns,
    coalesce(pg_catalog.row_security_active(c.oid), false) AS binds
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
    AND (c.relrowsecurity OR EXISTS (SELECT FROM pg_catalog.pg_policy AS p WHERE p.polrelid = c.oid))
), policy AS (
  SELECT p.oid, g.binds AND EXISTS (
      SELECT FROM pg_catalog.unnest(p.polroles) AS role (oid)
      WHERE CASE role.oid WHEN 0 THEN true ELSE pg_catalog.pg_has_role(current_user, role.oid, 'USAGE') END
    ) AS binds,
    pg_catalog.concat_ws(' ', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
      pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)) AS expression
  FROM pg_catalog.pg_policy AS p JOIN guarded AS g ON g.oid = p.polrelid
), direct AS (
  SELECT p.oid AS policy, d.refobjid AS function
  FROM policy AS p
  JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_policy'::regclass AND d.objid = p.oid
    AND d.refclassid = 'pg_catalog.pg_proc'::regclass
), body AS MATERIALIZED (
  SELECT f.oid, pg_catalog.lower(f.proname) || '(' AS call, l.lanname IN ('c', 'internal') AS is_compiled,
    CASE WHEN f.prokind <> 'a'
      THEN pg_catalog.regexp_replace(pg_catalog.pg_get_functiondef(f.oid), '\s+\(', '(', 'g') ELSE '' END AS text
  FROM pg_catalog.pg_proc AS f
  JOIN pg_catalog.pg_language AS l ON l.oid = f.prolang
  WHERE f.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    AND EXISTS (SELECT FROM direct)
), called AS (
  SELECT policy, function FROM direct
  UNION
  SELECT c.policy, callee.oid
  FROM called AS c
  JOIN body AS caller ON caller.oid = c.function
  JOIN body AS callee ON pg_catalog.strpos(pg_catalog.lower(caller.text), callee.call) > 0
), read AS (
  SELECT p.oid, p.binds, p.expression AS text, false AS is_compiled FROM policy AS p
  UNION ALL
  SELECT p.oid, p.binds, b.text, b.is_compiled
  FROM called AS c JOIN policy AS p ON p.oid = c.policy JOIN body AS b ON b.oid = c.function
), judged AS (
  SELECT r.oid, r.binds,
    bool_or(pg_catalog.strpos(pg_catalog.lower(r.text), pg_catalog.lower(:setting)) > 0) AS reads,
    bool_or(r.text ~* 'current_setting\(\s*''') AS reads_another,
    bool_or(r.is_compiled OR r.text ~* 'current_setting\(\s*[^''\s]') AS may_read,
    bool_or(r.text ~* 'current_setting\([^()]*\)\)?\s*::\s*(?!text)'
      OR r.text ~* 'cast\s*\(\s*current_setting\([^()]*\)\s+as\s+(?!text)') AS is_trapped
  FROM read AS r
  GROUP BY r.oid, r.binds
)
SELECT
  (SELECT count(*) FROM guarded WHERE binds) AS bound,
  (SELECT count(*) FROM guarded WHERE NOT binds) AS open,
  CASE
    WHEN (SELECT is_super FROM login) THEN 'superuser'
    WHEN (SELECT bypasses FROM login) THEN 'BYPASSRLS'
    WHEN EXISTS (SELECT FROM guarded WHERE NOT binds AND NOT is_on) THEN 'switched off'
    WHEN EXISTS (SELECT FROM guarded WHERE NOT binds AND owns) THEN 'owner'
    ELSE ''
  END AS because,
  (
    SELECT string_agg(DISTINCT found[1], ',' ORDER BY found[1])
    FROM read, pg_catalog.regexp_matches(text, 'current_setting\(\s*''([^'']+)''', 'gi') AS found
    WHERE binds
  ) AS settings,
  coalesce((SELECT bool_or(reads OR may_read AND NOT reads_another) FROM judged WHERE binds), false) AS is_read,
  (SELECT count(*) FROM judged WHERE is_trapped) AS trapped
