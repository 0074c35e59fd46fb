-- The first day of a month in words: "this month", "last month", or such as "2030-01".
CASE {{month}}
        WHEN 'this month' THEN date_trunc('month', LOCALTIMESTAMP)::date
        WHEN 'last month' THEN (date_trunc('month', LOCALTIMESTAMP) - interval '1 month')::date
        ELSE to_date({{month}}, 'YYYY-MM')
    END
