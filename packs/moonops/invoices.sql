-- What clients cost in a month, by currency: amounts in different currencies are never added up.
--
-- This is the document's report, corrected. Its month has an end; a client without an invoice is a row; a client is its id
-- and not its name, which two may have; and what was cancelled costs nobody anything.

WITH month AS (
    SELECT {{month_start(month => :month::text)}} AS start
),
billed AS (
    SELECT
        i.client_id,
        CASE WHEN :per::text = 'project' THEN i.project_id END AS project_id,
        i.currency,
        count(*) AS invoices,
        sum(i.amount) AS amount,
        sum(i.amount) FILTER (WHERE i.status = 'draft') AS not_sent,
        sum(i.amount) FILTER (WHERE i.status = 'paid') AS paid,
        sum(i.amount) FILTER (WHERE {{overdue}}) AS overdue,
        min(i.due_on) FILTER (WHERE {{overdue}}) AS due_on
    FROM month
    CROSS JOIN invoices AS i
    WHERE {{in_month(start => month.start)}}
        AND {{of_scope(of => i)}}
    GROUP BY 1, 2, 3
)
SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    c.id AS client_id,
    coalesce(billed.project_id::text, '') AS project_id,
    coalesce(billed.currency, '') AS currency,
    c.name AS client,
    c.contact_email,
    p.name AS project,
    to_char(month.start, 'YYYY-MM') AS month,
    coalesce(billed.invoices, 0) AS invoices,
    billed.amount,
    billed.paid,
    billed.not_sent,
    billed.overdue,
    billed.due_on
FROM month
CROSS JOIN clients AS c
LEFT JOIN billed
    ON billed.client_id = c.id
LEFT JOIN projects AS p
    ON p.id = billed.project_id
CROSS JOIN LATERAL (
    -- The first that applies, worst first, as {severity, reason}.
    SELECT CASE
        WHEN billed.due_on < current_date - :overdue_crit::interval THEN ARRAY['crit', 'long_overdue']
        WHEN billed.overdue > 0 THEN ARRAY['warn', 'overdue']
        WHEN billed.client_id IS NULL AND c.status <> 'active' THEN ARRAY['off', 'not_active']
        WHEN billed.client_id IS NULL AND c.created_at >= month.start + interval '1 month' THEN ARRAY['off', 'later']
        WHEN billed.client_id IS NULL AND c.created_at >= month.start THEN ARRAY['ok', 'began_then']
        WHEN billed.client_id IS NULL THEN ARRAY['warn', 'no_invoice']
        ELSE ARRAY['ok', NULL]
    END AS found
) AS verdict
WHERE (:scope::uuid IS NULL OR c.id = :scope::uuid)
    AND (:client::uuid IS NULL OR c.id = :client::uuid)
    AND CASE :which::text
        WHEN 'without an invoice' THEN billed.client_id IS NULL
        WHEN 'overdue' THEN billed.overdue > 0
        ELSE true
    END
    AND {{found(first => c.name, second => c.contact_email, third => p.name)}}
ORDER BY c.name, c.id, billed.currency, p.name NULLS FIRST;
