-- Indexes of this database that the optimizer has missed since the server was started, those first that would have helped
-- most. It needs VIEW SERVER STATE. The server counts neither what they cost to keep, nor whether one would do for several.

SELECT TOP (100)
    CASE
        WHEN s.avg_user_impact >= CAST(:helps_percent AS float) AND s.user_seeks + s.user_scans >= CAST(:asked_often AS int)
            THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE
        WHEN s.avg_user_impact >= CAST(:helps_percent AS float) AND s.user_seeks + s.user_scans >= CAST(:asked_often AS int)
            THEN 'missed'
    END AS reason,
    d.index_handle,
    OBJECT_NAME(d.object_id, d.database_id) AS table_name,
    d.equality_columns,
    d.inequality_columns,
    d.included_columns,
    s.user_seeks + s.user_scans AS asked,
    s.avg_user_impact AS helps,
    {{server_time(time => s.last_user_seek)}} AS last_asked_at
FROM sys.dm_db_missing_index_details AS d
JOIN sys.dm_db_missing_index_groups AS g
    ON g.index_handle = d.index_handle
JOIN sys.dm_db_missing_index_group_stats AS s
    ON s.group_handle = g.index_group_handle
WHERE d.database_id = DB_ID()
ORDER BY s.avg_total_user_cost * s.avg_user_impact * (s.user_seeks + s.user_scans) DESC;
