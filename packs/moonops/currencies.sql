-- Currencies that an invoice has.

SELECT DISTINCT
    i.currency
FROM invoices AS i
WHERE {{of_scope(of => i)}}
ORDER BY i.currency;
