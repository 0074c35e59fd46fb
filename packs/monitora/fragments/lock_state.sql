-- Whether an account is kept from logging in, or on its way there.
CASE
        WHEN {{of}}.locked_until > SYSUTCDATETIME() THEN 'locked'
        WHEN {{of}}.failed_login_attempts > 0 THEN 'failing'
        ELSE 'free'
    END
