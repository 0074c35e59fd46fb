-- What else was new in the day before a cause began: releases, and records that somebody changed.

WITH {{causes_of_key(key => :key::text)}},
began AS MATERIALIZED (
    SELECT min("timestamp") AS at
    FROM cause
    WHERE fingerprint = :key::text
)
SELECT
    new.at::timestamptz AS at,
    new.what
FROM began
CROSS JOIN LATERAL (
    SELECT
        u."createdAt" AS at,
        'release ' || u.version || CASE WHEN u.active THEN ' was added, and is active' ELSE ' was added' END AS what
    FROM updates_metadata AS u
    WHERE u."createdAt" BETWEEN began.at - interval '1 day' AND began.at
    UNION ALL
    SELECT
        max(l."updatedAt"),
        count(*) || CASE WHEN count(*) = 1 THEN ' license was changed' ELSE ' licenses were changed' END
    FROM licenses AS l
    WHERE l."updatedAt" BETWEEN began.at - interval '1 day' AND began.at
    HAVING count(*) > 0
    UNION ALL
    SELECT
        max(t."updatedAt"),
        count(*) || CASE WHEN count(*) = 1 THEN ' tenant was changed' ELSE ' tenants were changed' END
    FROM tenants AS t
    WHERE t."updatedAt" BETWEEN began.at - interval '1 day' AND began.at
    HAVING count(*) > 0
) AS new
ORDER BY new.at DESC
LIMIT 20;
