-- Whether this login sees what others do. The right has another name from SQL Server 2022 on, which older ones do not know.
CASE
        WHEN HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE') = 1 THEN 1
        WHEN HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER PERFORMANCE STATE') = 1 THEN 1
        ELSE 0
    END
