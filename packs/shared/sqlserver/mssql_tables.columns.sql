-- The columns of a table.

SELECT
    c.name AS column_name,
    TYPE_NAME(c.user_type_id) AS type_name,
    c.max_length,
    c.is_nullable,
    c.is_identity,
    c.is_computed,
    c.collation_name AS collation
FROM sys.columns AS c
WHERE c.object_id = TRY_CAST(:key AS int)
ORDER BY c.column_id;
