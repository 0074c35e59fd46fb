-- The users that a question is about: a name, a mail address or an id. Nothing in the database locks a user out but a
-- role that is missing or grants nothing; whether a password is right only the auth-service can tell.

WITH question AS (
    SELECT
        btrim(:search::text) AS asked,
        lower(btrim(:search::text)) AS part
)
SELECT
    CASE WHEN cardinality(verdict.reasons) > 0 THEN 'crit' ELSE 'ok' END AS severity,
    CASE WHEN cardinality(verdict.reasons) > 0 THEN 'kept_out' END AS reason,
    array_to_string(verdict.reasons, ', ') AS why,
    u.id,
    question.asked IN (u.username, u.email, u.id::text) AS exact,
    cardinality(verdict.reasons) = 0 AS usable,
    verdict.reasons,
    u.username,
    u.email,
    r.name AS role,
    r.permissions,
    session.active AS sessions,
    session.stored,
    {{finite(time => u.created_at)}} AS created_at
FROM question
CROSS JOIN users AS u
LEFT JOIN roles AS r
    ON r.id = u.role_id
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE s.expires_at > LOCALTIMESTAMP OR s.expires_at IS NULL) AS active,
        count(*) AS stored
    FROM sessions AS s
    WHERE s.user_id = u.id
) AS session
CROSS JOIN LATERAL (
    SELECT array_remove(ARRAY[
        CASE WHEN r.id IS NULL THEN 'has no role' END,
        CASE WHEN cardinality(r.permissions) = 0 THEN 'the role ' || r.name || ' grants nothing' END
    ], NULL) AS reasons
) AS verdict
WHERE question.asked IN (u.username, u.email, u.id::text)
    OR length(question.part) >= 2
        AND strpos(lower(concat_ws(' ', u.username, u.email)), question.part) > 0
ORDER BY exact DESC, u.username;
