-- Sessions, those that nobody would miss first. No token leaves the server: sessions.tokens.sql makes a digest of it for
-- the rows on screen.

WITH repeated AS MATERIALIZED (
    -- Nothing keeps a token from being there twice.
    SELECT unnest(array_agg(s.id)) AS id
    FROM sessions AS s
    GROUP BY s.token
    HAVING count(*) > 1
)
SELECT
    CASE
        WHEN cardinality(found.reasons) > 0 THEN 'warn'
        WHEN found.state = 'EXPIRED' THEN 'off'
        ELSE 'ok'
    END AS severity,
    CASE
        WHEN cardinality(found.reasons) > 0 THEN found.reasons
        WHEN found.state = 'EXPIRED' THEN ARRAY['expired']
    END AS reason,
    s.id,
    s.user_id,
    coalesce(u.username, 'nobody') AS username,
    found.state,
    {{finite(time => s.expires_at)}} AS expires_at,
    {{finite(time => s.created_at)}} AS created_at
FROM sessions AS s
LEFT JOIN users AS u
    ON u.id = s.user_id
LEFT JOIN repeated
    ON repeated.id = s.id
CROSS JOIN LATERAL (SELECT {{expiry(of => s, live => 'ACTIVE')}} AS state OFFSET 0) AS now
CROSS JOIN LATERAL (
    SELECT
        now.state,
        array_remove(ARRAY[
            CASE WHEN repeated.id IS NOT NULL AND now.state <> 'EXPIRED' THEN 'shared_token' END,
            CASE WHEN now.state = 'NO EXPIRY' THEN 'no_expiry' END,
            CASE WHEN u.id IS NULL AND now.state <> 'EXPIRED' THEN 'of_nobody' END,
            CASE WHEN s.expires_at < LOCALTIMESTAMP - :stored_expired_after::interval THEN 'still_stored' END
        ], NULL) AS reasons
    OFFSET 0
) AS found
WHERE :state::text IN ('all', found.state)
    AND (:user::int IS NULL OR s.user_id = :user::int)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', u.username, u.email)), lower(:search::text)) > 0)
ORDER BY s.expires_at NULLS FIRST, s.id;
