-- Single invoices, those that are overdue for longest first.

SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    i.id,
    i.client_id,
    c.name AS client,
    p.name AS project,
    i.number,
    i.billing_period_start AS from_day,
    i.billing_period_end AS to_day,
    i.amount,
    i.currency,
    i.status,
    i.due_on,
    i.paid_at
FROM invoices AS i
JOIN clients AS c
    ON c.id = i.client_id
LEFT JOIN projects AS p
    ON p.id = i.project_id
CROSS JOIN LATERAL (
    -- The first that applies, worst first, as {severity, reason}.
    SELECT CASE
        WHEN i.status = 'cancelled' THEN ARRAY['off', 'cancelled']
        WHEN {{overdue}} AND i.due_on < current_date - :overdue_crit::interval THEN ARRAY['crit', 'long_overdue']
        WHEN {{overdue}} THEN ARRAY['warn', 'overdue']
        WHEN i.status = 'sent' AND i.due_on IS NULL THEN ARRAY['unknown', 'no_due_day']
        WHEN i.billing_period_end < i.billing_period_start THEN ARRAY['warn', 'ends_before']
        WHEN i.amount < 0 THEN ARRAY['ok', 'credit']
        ELSE ARRAY['ok', NULL]
    END AS found
) AS verdict
WHERE {{of_scope(of => i)}}
    AND (:client::uuid IS NULL OR i.client_id = :client::uuid)
    AND :status::text IN ('all', i.status)
    AND (:currency::text = 'all' OR i.currency = :currency::text)
    AND {{found(first => i.number, second => c.name, third => p.name)}}
ORDER BY CASE WHEN {{overdue}} THEN i.due_on END, i.billing_period_start DESC, i.number;
