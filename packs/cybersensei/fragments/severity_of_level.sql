-- How bad an open error is.
CASE {{level}}::text
        WHEN 'CRITICAL' THEN 'crit'
        WHEN 'ERROR' THEN 'warn'
        WHEN 'WARNING' THEN 'warn'
        WHEN 'INFO' THEN 'ok'
        ELSE 'unknown'
    END
