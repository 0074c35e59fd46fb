-- What one row costs, month by month.

SELECT
    slot::timestamptz AS "time",
    coalesce(cost.amount, 0)::float8 AS value
FROM generate_series(
    date_trunc('month', LOCALTIMESTAMP - :window::interval) + interval '1 month',
    date_trunc('month', LOCALTIMESTAMP),
    interval '1 month'
) AS slot
CROSS JOIN LATERAL (
    SELECT sum(i.amount) AS amount
    FROM invoices AS i
    WHERE {{of_bill(key => :key)}}
        AND {{in_month(start => slot::date)}}
) AS cost
ORDER BY "time";
