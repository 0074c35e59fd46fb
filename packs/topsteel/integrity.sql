-- What must be so within AUTH: one row a check, with how many rows break it and the first of their ids. The document calls the
-- first one a check between databases; both of its tables are in this one.

SELECT
    CASE WHEN c.broken > 0 THEN 'crit' ELSE 'ok' END AS severity,
    CASE WHEN c.broken > 0 THEN c.id END AS reason,
    c.id AS check_id,
    c.says AS what,
    c.broken,
    c.ids
FROM (
    SELECT
        1 AS rank,
        'member_without_user' AS id,
        'every member of a société is a user' AS says,
        count(*) AS broken,
        (array_agg(su.id::text ORDER BY su.id))[1:5] AS ids
    FROM societe_users AS su
    LEFT JOIN users AS u
        ON u.id = su.user_id
        AND u.deleted_at IS NULL
    WHERE u.id IS NULL
        AND su.deleted_at IS NULL
    UNION ALL
    SELECT
        2,
        'member_of_nothing',
        'every member belongs to a société that is there',
        count(*),
        (array_agg(su.id::text ORDER BY su.id))[1:5]
    FROM societe_users AS su
    LEFT JOIN societes AS s
        ON s.id = su.societe_id
        AND s.deleted_at IS NULL
    WHERE s.id IS NULL
        AND su.deleted_at IS NULL
    UNION ALL
    SELECT
        3,
        'user_of_nothing',
        'every user belongs to a société',
        count(*),
        (array_agg(u.id::text ORDER BY u.id))[1:5]
    FROM users AS u
    WHERE u.deleted_at IS NULL
        AND NOT EXISTS (
            SELECT
            FROM societe_users AS su
            JOIN societes AS s
                ON s.id = su.societe_id
                AND s.deleted_at IS NULL
            WHERE su.user_id = u.id
                AND su.deleted_at IS NULL
        )
    UNION ALL
    SELECT
        4,
        'member_twice',
        'nobody is a member of a société twice',
        count(*),
        (array_agg(twice.ids ORDER BY twice.ids))[1:5]
    FROM (
        SELECT min(su.id::text) AS ids
        FROM societe_users AS su
        WHERE su.deleted_at IS NULL
        GROUP BY su.user_id, su.societe_id
        HAVING count(*) > 1
    ) AS twice
    UNION ALL
    SELECT
        5,
        'session_without_user',
        'every session that is valid is of a user',
        count(*),
        (array_agg(s.id::text ORDER BY s.id))[1:5]
    FROM user_sessions AS s
    LEFT JOIN users AS u
        ON u.id = s.user_id
        AND u.deleted_at IS NULL
    WHERE u.id IS NULL
        AND s.expires_at > now()
    UNION ALL
    SELECT
        6,
        'societe_without_name',
        'every société names its database',
        count(*),
        (array_agg(s.id::text ORDER BY s.id))[1:5]
    FROM societes AS s
    WHERE s.database_name IS NULL
        AND s.deleted_at IS NULL
) AS c
ORDER BY c.rank;
