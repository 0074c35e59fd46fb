-- The clients that a question is about: a name, an address or an id, or a part of the first two.

WITH question AS (
    SELECT
        btrim(:search::text) AS asked,
        lower(btrim(:search::text)) AS part
)
SELECT
    CASE WHEN c.status <> 'active' THEN 'off' WHEN alert.critical > 0 THEN 'crit' WHEN alert.open > 0 THEN 'warn' ELSE 'ok' END AS severity,
    CASE WHEN c.status <> 'active' THEN 'not_active' WHEN alert.open > 0 THEN 'open_alerts' END AS reason,
    c.id,
    question.part IN (lower(c.name), lower(c.contact_email), c.id::text) AS exact,
    c.status = 'active' AS usable,
    CASE WHEN c.status <> 'active' THEN ARRAY['is ' || c.status] ELSE ARRAY[]::text[] END AS reasons,
    c.name,
    c.contact_email,
    c.status,
    owned.projects,
    alert.open AS open_alerts,
    alert.critical AS critical_alerts,
    cost.amounts AS cost,
    c.created_at
FROM question
CROSS JOIN clients AS c
CROSS JOIN LATERAL (
    SELECT count(*) AS projects
    FROM projects AS p
    WHERE p.client_id = c.id
        AND p.status <> 'archived'
) AS owned
CROSS JOIN LATERAL (
    SELECT
        count(*) AS open,
        count(*) FILTER (WHERE a.severity = 'critical') AS critical
    FROM alerts AS a
    WHERE a.client_id = c.id
        AND a.status = 'open'
) AS alert
CROSS JOIN LATERAL (
    SELECT string_agg(by_currency.amount || ' ' || by_currency.currency, ', ' ORDER BY by_currency.currency) AS amounts
    FROM (
        SELECT
            i.currency,
            sum(i.amount) AS amount
        FROM invoices AS i
        WHERE i.client_id = c.id
            AND {{in_month(start => date_trunc('month', LOCALTIMESTAMP)::date)}}
        GROUP BY i.currency
    ) AS by_currency
) AS cost
WHERE (:scope::uuid IS NULL OR c.id = :scope::uuid)
    AND (
        c.id::text = question.part
        OR length(question.part) >= 2
            AND strpos(lower(concat_ws(' ', c.name, c.contact_email)), question.part) > 0
    )
ORDER BY exact DESC, c.name, c.contact_email;
