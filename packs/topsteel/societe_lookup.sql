-- The sociétés that a question is about: a name, a code or a database, or a part of one of them.

WITH question AS (
    SELECT
        btrim(:search::text) AS asked,
        lower(btrim(:search::text)) AS part
)
SELECT
    CASE
        WHEN s.status <> 'ACTIVE' OR s.deleted_at IS NOT NULL THEN 'off'
        WHEN cardinality(verdict.reasons) > 0 THEN 'crit'
        ELSE 'ok'
    END AS severity,
    CASE
        WHEN s.status <> 'ACTIVE' OR s.deleted_at IS NOT NULL THEN 'closed'
        WHEN cardinality(verdict.reasons) > 0 THEN 'not_served'
    END AS reason,
    array_to_string(verdict.reasons, ', ') AS why,
    s.id,
    question.part IN (lower(s.nom), lower(s.code), lower(s.database_name), s.id::text) AS exact,
    CASE WHEN cardinality(verdict.reasons) = 0 THEN s.database_name END AS asked_database,
    verdict.reasons,
    s.nom AS societe,
    s.code,
    s.database_name,
    member.members,
    member.last_activity_at
FROM question
CROSS JOIN societes AS s
CROSS JOIN LATERAL (
    SELECT
        count(u.id) AS members,
        max(greatest(su.last_activity_at, u.last_login_at)) AS last_activity_at
    FROM societe_users AS su
    JOIN users AS u
        ON u.id = su.user_id
    WHERE su.societe_id = s.id
        AND su.deleted_at IS NULL
        AND u.deleted_at IS NULL
        AND u.actif
) AS member
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN s.deleted_at IS NOT NULL THEN 'is deleted' END,
        CASE WHEN s.status <> 'ACTIVE' THEN 'is suspended' END,
        CASE WHEN s.database_name IS NULL THEN 'names no database' END,
        CASE WHEN member.members = 0 THEN 'has no active user' END
    ], NULL) AS reasons
) AS verdict
WHERE question.part IN (lower(s.nom), lower(s.code), lower(s.database_name), s.id::text)
    OR length(question.part) >= 2
        AND strpos(lower(concat_ws(' ', s.nom, s.code, s.database_name)), question.part) > 0
ORDER BY exact DESC, s.nom;
