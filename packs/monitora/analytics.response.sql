-- How long answers took, day by day, as the database's own view has it. Days without a row are gaps.

SELECT
    CAST(v.date AS datetime2(0)) AS time,
    CAST(v.avg_response_time AS float) AS value
FROM dbo.vw_daily_metrics AS v
WHERE v.workspace_id = TRY_CAST(:key AS uniqueidentifier)
    AND v.date >= {{window_start}}
ORDER BY v.date;
