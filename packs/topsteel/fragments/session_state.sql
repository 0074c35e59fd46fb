-- Where a session stands. OLD are those that the document has deleted: seven days after their end.
CASE
        WHEN {{of}}.expires_at IS NULL THEN 'NO EXPIRY'
        WHEN {{of}}.expires_at < now() - :purge_after::interval THEN 'OLD'
        WHEN {{of}}.expires_at <= now() THEN 'EXPIRED'
        ELSE 'ACTIVE'
    END
