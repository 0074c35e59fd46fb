-- Where a key stands by its end.
CASE
        WHEN {{of}}.expires_at IS NULL THEN 'no end'
        WHEN {{of}}.expires_at <= SYSUTCDATETIME() THEN 'ended'
        ELSE 'live'
    END
