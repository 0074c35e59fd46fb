-- What one client costs, by month and currency.

SELECT
    to_char(date_trunc('month', i.billing_period_start), 'YYYY-MM') AS month,
    sum(i.amount) AS amount,
    i.currency,
    count(*) AS invoices
FROM invoices AS i
WHERE i.client_id = :key::uuid
    AND {{of_scope(of => i)}}
    AND i.status <> 'cancelled'
    AND i.billing_period_start >= (date_trunc('month', LOCALTIMESTAMP) - interval '12 months')::date
GROUP BY 1, i.currency
ORDER BY 1 DESC, i.currency;
