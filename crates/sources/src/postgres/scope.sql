-- Whether policies decide which rows the login sees, of the tables that it may read, and which settings they read.
WITH login AS (
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
), read AS (
  SELECT coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid), '')
      || coalesce(pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), '') AS expression,
    EXISTS (
      SELECT FROM pg_catalog.pg_depend AS d
      WHERE d.classid = 'pg_catalog.pg_policy'::regclass AND d.objid = p.oid
        AND d.refclassid = 'pg_catalog.pg_proc'::regclass
    ) AS calls, g.binds
  FROM pg_catalog.pg_policy AS p JOIN guarded AS g ON g.oid = p.polrelid
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
    FROM read, pg_catalog.regexp_matches(expression, 'current_setting\(''([^'']+)''', 'g') AS found
    WHERE binds
  ) AS settings,
  coalesce((
    SELECT bool_or(calls OR position(lower(:setting) IN lower(expression)) > 0) FROM read WHERE binds
  ), false) AS is_read,
  (SELECT count(*) FROM read WHERE expression ~ '\(current_setting\([^()]*\)\)::(?!text)') AS trapped
