-- What the chosen client sees of one table, its own rows and those of others.
row_security_active({{name}}::regclass) AS binds,
        (SELECT count(*) FROM (SELECT FROM {{of}} AS t WHERE t.client_id = :scope::uuid LIMIT 1000) AS own) AS visible,
        (
            SELECT count(*)
            FROM (SELECT FROM {{of}} AS t WHERE t.client_id IS DISTINCT FROM :scope::uuid LIMIT 1000) AS foreign_rows
        ) AS of_others
