-- What the cache holds: keys, sizes, ends. A value is never selected: it may be a session or its permissions.

SELECT
    CASE
        WHEN found.reason = 'still_stored' THEN 'warn'
        WHEN found.reason = 'expired' THEN 'off'
        ELSE 'ok'
    END AS severity,
    found.reason,
    c.key,
    octet_length(c.value) AS size,
    found.state,
    {{finite(time => c.expires_at)}} AS expires_at
FROM cache AS c
CROSS JOIN LATERAL (SELECT {{expiry(of => c, live => 'LIVE')}} AS state OFFSET 0) AS now
CROSS JOIN LATERAL (
    SELECT
        now.state,
        CASE
            WHEN c.expires_at < LOCALTIMESTAMP - :stored_expired_after::interval THEN 'still_stored'
            WHEN now.state = 'EXPIRED' THEN 'expired'
            WHEN now.state = 'NO EXPIRY' THEN 'no_expiry'
        END AS reason
    OFFSET 0
) AS found
WHERE :state::text IN ('all', found.state)
    AND (:search::text IS NULL OR strpos(lower(c.key), lower(:search::text)) > 0)
ORDER BY c.expires_at NULLS LAST, c.key;
