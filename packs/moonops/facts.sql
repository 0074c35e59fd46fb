-- What there is how much of. Numbers to know, not findings: every row is ok. Amounts are by currency.

WITH {{pipeline}},
client AS (
    SELECT count(*) FILTER (WHERE c.status = 'active') AS active
    FROM clients AS c
    WHERE :scope::uuid IS NULL OR c.id = :scope::uuid
),
project AS (
    SELECT count(*) FILTER (WHERE p.status = 'active') AS active
    FROM projects AS p
    WHERE {{of_scope(of => p)}}
),
alert AS (
    SELECT
        count(*) FILTER (WHERE a.status = 'open') AS open,
        count(*) FILTER (WHERE a.status = 'open' AND a.severity = 'critical') AS critical,
        count(*) FILTER (WHERE a.status = 'acknowledged') AS acknowledged
    FROM alerts AS a
    WHERE a.status <> 'resolved'
        AND {{of_scope(of => a)}}
),
run AS (
    SELECT
        count(*) AS total,
        count(*) FILTER (WHERE pipeline.outcome = 'failed') AS failing,
        (
            SELECT count(DISTINCT (r.project_id, r.name))
            FROM pipelines AS r
            WHERE r.status = 'running'
                AND r.created_at > now() - :back::interval
                AND {{of_scope(of => r)}}
        ) AS running
    FROM pipeline
),
deployment AS (
    SELECT
        count(*) AS total,
        count(*) FILTER (WHERE d.status IN ('failed', 'rolled_back')) AS bad
    FROM deployments AS d
    WHERE d.created_at > now() - interval '7 days'
        AND {{of_scope(of => d)}}
),
cost AS (
    SELECT
        i.currency,
        sum(i.amount) AS amount
    FROM invoices AS i
    WHERE {{in_month(start => date_trunc('month', LOCALTIMESTAMP)::date)}}
        AND {{of_scope(of => i)}}
    GROUP BY i.currency
),
fact (rank, topic, fact, value, total, brief, status, state) AS (
    SELECT 10, 'clients', 'active', client.active::numeric, NULL::numeric, {{counted(n => client.active, one => 'client', many => 'clients')}}, NULL, NULL
    FROM client
    UNION ALL
    SELECT 20, 'projects', 'active', project.active, NULL, {{counted(n => project.active, one => 'project', many => 'projects')}}, NULL, NULL
    FROM project
    UNION ALL
    SELECT named.rank, 'alerts', named.fact, named.value, a.open + a.acknowledged, named.brief, named.status, NULL
    FROM alert AS a
    CROSS JOIN LATERAL (
        VALUES
            (30, 'open', a.open, {{counted(n => a.open, one => 'alert open', many => 'alerts open')}}, 'open'),
            (31, 'critical and open', a.critical, nullif(a.critical, 0) || ' of them critical', 'open'),
            (32, 'acknowledged', a.acknowledged, nullif(a.acknowledged, 0) || ' in hand', 'acknowledged')
    ) AS named (rank, fact, value, brief, status)
    UNION ALL
    SELECT 40, 'pipelines', named.fact, named.value, r.total, named.brief, NULL, named.state
    FROM run AS r
    CROSS JOIN LATERAL (
        VALUES
            ('failing', r.failing, {{counted(n => r.failing, one => 'pipeline failing', many => 'pipelines failing')}}, 'failing'),
            ('running', r.running, nullif(r.running, 0) || ' running', 'running')
    ) AS named (fact, value, brief, state)
    UNION ALL
    SELECT
        named.rank, 'deployments in 7 days', named.fact, named.value, d.total, named.brief, NULL, NULL
    FROM deployment AS d
    CROSS JOIN LATERAL (
        VALUES
            (50, 'in total', d.total, {{counted(n => d.total, one => 'deployment/7d', many => 'deployments/7d')}}),
            (51, 'failed or rolled back', d.bad, nullif(d.bad, 0) || ' of them bad')
    ) AS named (rank, fact, value, brief)
    UNION ALL
    SELECT 60, 'billed this month', cost.currency, cost.amount, NULL, cost.amount || ' ' || cost.currency || ' this month', NULL, NULL
    FROM cost
)
SELECT
    'ok' AS severity,
    NULL::text AS why,
    topic,
    fact,
    value,
    (100.0 * value / nullif(total, 0))::float8 AS share,
    brief,
    status,
    state
FROM fact
ORDER BY rank, fact;
