-- Users that are not deleted, with the sociétés that they belong to. Password hashes are not selected.

SELECT
    CASE
        WHEN NOT u.actif THEN 'off'
        WHEN cardinality(found.reasons) > 0 THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE WHEN NOT u.actif THEN ARRAY['inactive'] ELSE found.reasons END AS reason,
    u.id,
    u.email,
    concat_ws(' ', u.prenom, u.nom) AS name,
    u.actif AS active,
    coalesce(member.societes, 0) AS societes,
    member.names,
    greatest(u.last_login_at, member.last_activity_at) AS last_activity_at,
    u.created_at
FROM users AS u
LEFT JOIN LATERAL (
    SELECT
        count(*) AS societes,
        string_agg(s.nom, ', ' ORDER BY s.nom) AS names,
        max(su.last_activity_at) AS last_activity_at
    FROM societe_users AS su
    JOIN societes AS s
        ON s.id = su.societe_id
    WHERE su.user_id = u.id
        AND su.deleted_at IS NULL
        AND s.deleted_at IS NULL
) AS member ON true
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN member.societes = 0 THEN 'no_societe' END,
        CASE WHEN EXISTS (
            SELECT
            FROM users AS other
            WHERE lower(other.email) = lower(u.email)
                AND other.id <> u.id
                AND other.deleted_at IS NULL
        ) THEN 'same_email' END,
        CASE WHEN greatest(u.last_login_at, member.last_activity_at) < now() - :dormant_after::interval THEN 'dormant' END
    ], NULL) AS reasons
) AS found
WHERE u.deleted_at IS NULL
    AND (:which::text = 'all' OR member.societes = 0)
    AND (:societe::uuid IS NULL OR EXISTS (
        SELECT
        FROM societe_users AS su
        WHERE su.user_id = u.id
            AND su.societe_id = :societe::uuid
            AND su.deleted_at IS NULL
    ))
    AND (:user::uuid IS NULL OR u.id = :user::uuid)
    AND {{found(first => u.email, second => concat_ws(' ', u.prenom, u.nom), third => member.names)}}
ORDER BY member.societes, u.email, u.id;
