-- What the sessions on screen run, or ran last. It needs VIEW SERVER STATE. A statement that names a password is not shown.

SELECT
    given.value AS [key],
    CASE
        WHEN LOWER(told.statement) LIKE '%password%' OR LOWER(told.statement) LIKE '%pwd%' THEN N'(names a password)'
        ELSE LEFT(told.statement, 400)
    END AS statement
FROM OPENJSON(:keys) AS given
OUTER APPLY (
    SELECT TOP (1)
        CASE
            WHEN r.statement_start_offset IS NULL THEN t.text
            ELSE SUBSTRING(
                t.text,
                r.statement_start_offset / 2 + 1,
                (CASE WHEN r.statement_end_offset < 0 THEN DATALENGTH(t.text) ELSE r.statement_end_offset END
                    - r.statement_start_offset) / 2 + 1
            )
        END AS statement
    FROM sys.dm_exec_connections AS c
    LEFT JOIN sys.dm_exec_requests AS r
        ON r.session_id = c.session_id
    OUTER APPLY sys.dm_exec_sql_text(COALESCE(r.sql_handle, c.most_recent_sql_handle)) AS t
    WHERE c.session_id = TRY_CAST(given.value AS int)
    ORDER BY r.start_time
) AS told;
