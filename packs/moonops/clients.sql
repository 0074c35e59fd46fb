-- Clients, those with the most open alerts first. Amounts are of this month and by currency: they are never added up across.
-- One that is not active has its status as its reason: suspended, archived.

WITH {{pipeline}},
failing AS (
    SELECT
        p.client_id,
        count(*) AS pipelines
    FROM pipeline
    JOIN projects AS p
        ON p.id = pipeline.project_id
    WHERE pipeline.outcome = 'failed'
        AND p.status = 'active'
    GROUP BY p.client_id
),
alert AS (
    SELECT
        a.client_id,
        count(*) AS open,
        count(*) FILTER (WHERE a.severity = 'critical') AS critical,
        count(*) FILTER (WHERE a.severity = 'warning') AS warning
    FROM alerts AS a
    WHERE a.status = 'open'
        AND {{of_scope(of => a)}}
    GROUP BY a.client_id
),
cost AS (
    SELECT
        by_currency.client_id,
        string_agg(by_currency.amount || ' ' || by_currency.currency, ', ' ORDER BY by_currency.currency) AS amounts
    FROM (
        SELECT
            i.client_id,
            i.currency,
            sum(i.amount) AS amount
        FROM invoices AS i
        WHERE {{in_month(start => date_trunc('month', LOCALTIMESTAMP)::date)}}
            AND {{of_scope(of => i)}}
        GROUP BY i.client_id, i.currency
    ) AS by_currency
    GROUP BY by_currency.client_id
)
SELECT
    CASE
        WHEN c.status <> 'active' THEN 'off'
        WHEN alert.critical > 0 THEN 'crit'
        WHEN cardinality(array_remove(found.reasons, 'same_name')) > 0 THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE WHEN c.status <> 'active' THEN ARRAY[c.status::text] ELSE found.reasons END AS reason,
    c.id,
    c.name,
    c.contact_email,
    c.status,
    coalesce(owned.projects, 0) AS projects,
    coalesce(owned.environments, 0) AS environments,
    coalesce(alert.open, 0) AS open_alerts,
    coalesce(alert.critical, 0) AS critical_alerts,
    coalesce(failing.pipelines, 0) AS failing_pipelines,
    cost.amounts AS cost,
    c.created_at
FROM clients AS c
LEFT JOIN alert
    ON alert.client_id = c.id
LEFT JOIN failing
    ON failing.client_id = c.id
LEFT JOIN cost
    ON cost.client_id = c.id
CROSS JOIN LATERAL (
    SELECT
        count(DISTINCT p.id) AS projects,
        count(e.id) AS environments
    FROM projects AS p
    LEFT JOIN environments AS e
        ON e.project_id = p.id
    WHERE p.client_id = c.id
        AND p.status <> 'archived'
) AS owned
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN alert.critical > 0 THEN 'critical_alerts' END,
        CASE WHEN alert.warning > 0 THEN 'open_alerts' END,
        CASE WHEN failing.pipelines > 0 THEN 'failing_pipelines' END,
        CASE WHEN NOT EXISTS (
            SELECT FROM users AS u WHERE u.client_id = c.id AND u.role = 'owner' AND u.status = 'active'
        ) THEN 'no_owner' END,
        CASE WHEN EXISTS (SELECT FROM clients AS o WHERE o.name = c.name AND o.id <> c.id) THEN 'same_name' END
    ], NULL) AS reasons
) AS found
WHERE (:scope::uuid IS NULL OR c.id = :scope::uuid)
    AND (:client::uuid IS NULL OR c.id = :client::uuid)
    AND (:status::text = 'all' OR c.status = :status::text)
    AND {{found(first => c.name, second => c.contact_email, third => c.id)}}
ORDER BY alert.critical DESC NULLS LAST, alert.open DESC NULLS LAST, failing.pipelines DESC NULLS LAST, c.name, c.id;
