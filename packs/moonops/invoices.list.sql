-- Invoices behind one row, of the last 12 months, those too that were cancelled.

SELECT
    i.number,
    i.billing_period_start AS from_day,
    i.billing_period_end AS to_day,
    i.amount,
    i.currency,
    i.status,
    i.due_on,
    p.name AS project
FROM invoices AS i
LEFT JOIN projects AS p
    ON p.id = i.project_id
WHERE {{of_bill(key => :key)}}
    AND i.billing_period_start >= (date_trunc('month', LOCALTIMESTAMP) - interval '12 months')::date
ORDER BY i.billing_period_start DESC, i.number;
