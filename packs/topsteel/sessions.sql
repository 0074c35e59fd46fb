-- Sessions of users. No token is selected.

SELECT
    verdict.found[1] AS severity,
    verdict.found[2] AS reason,
    s.id,
    s.user_id,
    coalesce(u.email, 'nobody') AS "user",
    so.nom AS societe,
    state.name AS state,
    s.ip_address,
    s.created_at,
    s.expires_at
FROM user_sessions AS s
LEFT JOIN users AS u
    ON u.id = s.user_id
    AND u.deleted_at IS NULL
LEFT JOIN societes AS so
    ON so.id = s.societe_id
CROSS JOIN LATERAL (SELECT {{session_state(of => s)}} AS name) AS state
CROSS JOIN LATERAL (
    -- The first that applies, worst first, as {severity, reason}.
    SELECT CASE
        WHEN state.name = 'OLD' THEN ARRAY['warn', 'old']
        WHEN state.name = 'EXPIRED' THEN ARRAY['off', 'expired']
        WHEN u.id IS NULL THEN ARRAY['warn', 'of_nobody']
        WHEN state.name = 'NO EXPIRY' THEN ARRAY['warn', 'no_expiry']
        ELSE ARRAY['ok', NULL]
    END AS found
) AS verdict
WHERE :state::text IN ('all', state.name)
    AND (:user::uuid IS NULL OR s.user_id = :user::uuid)
    AND {{found(first => u.email, second => so.nom, third => host(s.ip_address))}}
ORDER BY s.expires_at NULLS FIRST, s.id;
