-- The indexes of a table, with their columns in order.

SELECT
    i.name AS index_name,
    LOWER(i.type_desc) AS kind,
    CASE
        WHEN i.is_primary_key = 1 THEN 'primary key'
        WHEN i.is_unique = 1 THEN 'unique'
    END AS is_for,
    (
        SELECT STRING_AGG(CONCAT(c.name, CASE WHEN k.is_descending_key = 1 THEN ' DESC' END), ', ')
            WITHIN GROUP (ORDER BY k.key_ordinal)
        FROM sys.index_columns AS k
        JOIN sys.columns AS c
            ON c.object_id = k.object_id
            AND c.column_id = k.column_id
        WHERE k.object_id = i.object_id
            AND k.index_id = i.index_id
            AND k.is_included_column = 0
    ) AS columns,
    i.filter_definition AS only_where,
    i.is_disabled,
    {{server_time(time => STATS_DATE(i.object_id, i.index_id))}} AS analyzed_at
FROM sys.indexes AS i
WHERE i.object_id = TRY_CAST(:key AS int)
    AND i.index_id > 0
ORDER BY i.index_id;
