-- Who has an account, with which role, and since when nobody has seen them. Password hashes are not selected.

SELECT
    CASE
        WHEN u.status = 'disabled' THEN 'off'
        WHEN cardinality(found.reasons) > 0 THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE
        WHEN u.status = 'disabled' THEN ARRAY['disabled']
        WHEN cardinality(found.reasons) > 0 THEN found.reasons
        WHEN u.status = 'invited' THEN ARRAY['invited']
    END AS reason,
    u.id,
    u.client_id,
    coalesce(c.name, 'MoonOps') AS client,
    u.email,
    u.full_name,
    u.role,
    u.status,
    u.last_login_at,
    u.created_at
FROM users AS u
LEFT JOIN clients AS c
    ON c.id = u.client_id
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN u.status = 'active' AND u.role IN ('owner', 'admin')
            AND u.last_login_at < now() - :dormant_after::interval THEN 'dormant_admin' END,
        CASE WHEN u.status = 'active' AND u.role NOT IN ('owner', 'admin')
            AND u.last_login_at < now() - :dormant_after::interval THEN 'dormant' END,
        CASE WHEN u.status = 'active' AND u.last_login_at IS NULL
            AND u.created_at < now() - :never_after::interval THEN 'never_in' END,
        CASE WHEN u.status = 'invited' AND u.created_at < now() - :invited_warn::interval THEN 'old_invitation' END
    ], NULL) AS reasons
) AS found
WHERE {{of_scope(of => u)}}
    AND (:client::uuid IS NULL OR u.client_id = :client::uuid)
    AND :role::text IN ('all', u.role)
    AND :status::text IN ('all', u.status)
    AND {{found(first => u.email, second => u.full_name, third => c.name)}}
ORDER BY u.last_login_at NULLS FIRST, u.email;
