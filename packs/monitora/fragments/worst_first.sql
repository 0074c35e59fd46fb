-- For ORDER BY: where a row stands, so that what TOP leaves out is the best of it.
CASE {{severity}}
        WHEN 'crit' THEN 0
        WHEN 'unknown' THEN 1
        WHEN 'warn' THEN 2
        WHEN 'ok' THEN 3
        ELSE 4
    END
