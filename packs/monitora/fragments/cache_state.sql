-- Where a kept answer stands.
CASE
        WHEN {{of}}.expires_at IS NULL THEN 'no end'
        WHEN {{of}}.expires_at <= SYSUTCDATETIME() THEN 'expired'
        ELSE 'live'
    END
