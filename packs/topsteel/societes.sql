-- Sociétés that are not deleted, with who belongs to them. Whether their database is there, opsdash joins.

SELECT
    CASE
        WHEN s.status <> 'ACTIVE' THEN 'off'
        WHEN 'shares_database' = ANY (found.reasons) THEN 'crit'
        WHEN cardinality(found.reasons) > 0 THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE WHEN s.status <> 'ACTIVE' THEN ARRAY['suspended'] ELSE found.reasons END AS reason,
    s.id,
    s.code,
    s.nom AS societe,
    s.status,
    s.database_name,
    member.members,
    member.active,
    member.last_activity_at,
    s.created_at
FROM societes AS s
CROSS JOIN LATERAL (
    SELECT
        count(u.id) AS members,
        count(u.id) FILTER (WHERE su.actif AND u.actif) AS active,
        max(greatest(su.last_activity_at, u.last_login_at)) AS last_activity_at
    FROM societe_users AS su
    LEFT JOIN users AS u
        ON u.id = su.user_id
        AND u.deleted_at IS NULL
    WHERE su.societe_id = s.id
        AND su.deleted_at IS NULL
) AS member
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN EXISTS (
            SELECT
            FROM societes AS other
            WHERE other.database_name = s.database_name
                AND other.id <> s.id
                AND other.deleted_at IS NULL
        ) THEN 'shares_database' END,
        CASE WHEN member.active = 0 THEN 'no_member' END,
        CASE WHEN member.active > 0 AND member.last_activity_at < now() - :idle_after::interval THEN 'idle' END
    ], NULL) AS reasons
) AS found
WHERE s.deleted_at IS NULL
    AND (:database::text IS NULL OR s.database_name = :database::text)
    AND (:societe::uuid IS NULL OR s.id = :societe::uuid)
    AND {{found(first => s.nom, second => s.code, third => s.database_name)}}
ORDER BY s.nom, s.id;
