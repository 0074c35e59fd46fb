-- How bad an entry is. What a level means that nobody knows is not known either.
CASE {{of}}
        WHEN 'CRITICAL' THEN 'crit'
        WHEN 'ERROR' THEN 'warn'
        WHEN 'WARNING' THEN 'warn'
        WHEN 'INFO' THEN 'ok'
        WHEN 'DEBUG' THEN 'ok'
        ELSE 'unknown'
    END
