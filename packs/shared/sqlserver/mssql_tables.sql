-- Tables of this database, the largest first, from the catalog alone: no table is read.

WITH sized AS (
    SELECT
        p.object_id,
        SUM(CASE WHEN p.index_id IN (0, 1) AND a.type = 1 THEN p.rows ELSE 0 END) AS row_count,
        SUM(a.total_pages) * CAST(8192 AS bigint) AS total_size,
        SUM(CASE WHEN p.index_id IN (0, 1) THEN a.total_pages ELSE 0 END) * CAST(8192 AS bigint) AS data_size,
        MIN(p.index_id) AS first_index
    FROM sys.partitions AS p
    JOIN sys.allocation_units AS a
        -- In rows and large rows (1 and 3) the container is the partition's hobt, of large values (2) the partition.
        ON a.container_id = CASE WHEN a.type = 2 THEN p.partition_id ELSE p.hobt_id END
    GROUP BY p.object_id
),
indexed AS (
    SELECT
        i.object_id,
        COUNT(CASE WHEN i.index_id > 0 THEN 1 END) AS indexes,
        COUNT(CASE WHEN i.is_disabled = 1 THEN 1 END) AS disabled_indexes
    FROM sys.indexes AS i
    GROUP BY i.object_id
),
analyzed AS (
    SELECT s.object_id, MIN(STATS_DATE(s.object_id, s.stats_id)) AS oldest
    FROM sys.stats AS s
    GROUP BY s.object_id
)
SELECT
    CASE WHEN found.reasons > '' THEN 'warn' ELSE 'ok' END AS severity,
    found.reasons AS reason,
    CAST(t.object_id AS nvarchar(20)) AS id,
    CONCAT(SCHEMA_NAME(t.schema_id), '.', t.name) AS table_name,
    sized.total_size,
    sized.data_size,
    sized.row_count,
    indexed.indexes,
    indexed.disabled_indexes,
    {{server_time(time => analyzed.oldest)}} AS analyzed_at,
    CAST(CASE WHEN sized.first_index = 0 THEN 1 ELSE 0 END AS bit) AS is_heap
FROM sys.tables AS t
LEFT JOIN sized
    ON sized.object_id = t.object_id
LEFT JOIN indexed
    ON indexed.object_id = t.object_id
LEFT JOIN analyzed
    ON analyzed.object_id = t.object_id
CROSS APPLY (
    SELECT CONCAT_WS(
        ',',
        CASE WHEN indexed.disabled_indexes > 0 THEN 'disabled_index' END,
        CASE WHEN sized.first_index = 0 AND sized.row_count >= CAST(:big_rows AS bigint) THEN 'heap' END,
        CASE
            WHEN sized.row_count >= CAST(:big_rows AS bigint)
                AND analyzed.oldest < DATEADD(DAY, -CAST(:analyzed_days AS int), SYSDATETIME()) THEN 'old_statistics'
        END
    ) AS reasons
) AS found
WHERE t.is_ms_shipped = 0
    AND (:search IS NULL OR CHARINDEX(LOWER(:search), LOWER(CONCAT(SCHEMA_NAME(t.schema_id), '.', t.name))) > 0)
ORDER BY sized.total_size DESC, t.name;
