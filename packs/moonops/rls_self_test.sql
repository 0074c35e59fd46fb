-- As the chosen client: how many rows of each table come, and how many of them are another's. Counted up to a thousand, by
-- the index on client_id. It leaves out the second fence on purpose: what is tried is the policies.

WITH counted AS (
    SELECT 'projects' AS table_name, {{self_test(of => projects, name => 'projects')}}
    UNION ALL
    SELECT 'environments' AS table_name, {{self_test(of => environments, name => 'environments')}}
    UNION ALL
    SELECT 'pipelines' AS table_name, {{self_test(of => pipelines, name => 'pipelines')}}
    UNION ALL
    SELECT 'deployments' AS table_name, {{self_test(of => deployments, name => 'deployments')}}
    UNION ALL
    SELECT 'metrics' AS table_name, {{self_test(of => metrics, name => 'metrics')}}
    UNION ALL
    SELECT 'alerts' AS table_name, {{self_test(of => alerts, name => 'alerts')}}
    UNION ALL
    SELECT 'invoices' AS table_name, {{self_test(of => invoices, name => 'invoices')}}
    UNION ALL
    SELECT 'users' AS table_name, {{self_test(of => users, name => 'users')}}
    UNION ALL
    SELECT 'audit_logs' AS table_name, {{self_test(of => audit_logs, name => 'audit_logs')}}
)
SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    c.table_name,
    c.visible,
    CASE WHEN c.binds AND :scope::uuid IS NOT NULL THEN c.of_others END AS of_others
FROM counted AS c
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN :scope::uuid IS NULL THEN ARRAY['off', 'nobody_chosen']
        WHEN NOT c.binds THEN ARRAY['off', 'not_bound']
        WHEN c.of_others > 0 THEN ARRAY['crit', 'sees_others']
        ELSE ARRAY['ok', 'holds']
    END AS found
) AS verdict
ORDER BY c.of_others DESC, c.table_name;
