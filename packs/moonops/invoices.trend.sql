-- The six months up to the chosen one, for the rows on screen, each in its currency.

WITH month AS (
    SELECT {{month_start(month => :month::text)}} AS start
)
SELECT
    given.key,
    array_agg(coalesce(cost.amount, 0)::float8 ORDER BY slot.ago DESC) AS trend
FROM unnest(:keys::text[]) AS given (key)
CROSS JOIN month
CROSS JOIN generate_series(0, 5) AS slot (ago)
CROSS JOIN LATERAL (
    SELECT sum(i.amount) AS amount
    FROM invoices AS i
    WHERE {{of_bill(key => given.key)}}
        AND {{in_month(start => (month.start - slot.ago * interval '1 month')::date)}}
) AS cost
GROUP BY given.key;
