-- Where something with an "expires_at" stands. Nothing deletes what has expired: the document's automatic expiry has no
-- mechanism.
CASE
        WHEN {{of}}.expires_at IS NULL OR {{of}}.expires_at = 'infinity' THEN 'NO EXPIRY'
        WHEN {{of}}.expires_at <= LOCALTIMESTAMP THEN 'EXPIRED'
        ELSE {{live}}
    END
