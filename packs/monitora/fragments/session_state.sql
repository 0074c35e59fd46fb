-- Where a session stands. That it is stored says nothing: only its end does.
CASE WHEN {{of}}.expires_at <= SYSUTCDATETIME() THEN 'expired' ELSE 'live' END
