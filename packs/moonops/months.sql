-- Months that have an invoice, the newest first.

SELECT DISTINCT
    to_char(i.billing_period_start, 'YYYY-MM') AS month
FROM invoices AS i
WHERE {{of_scope(of => i)}}
ORDER BY month DESC;
