-- The mean of feedback, day by day, between -1 and 1. Days without a row are gaps.

SELECT
    CAST(v.date AS datetime2(0)) AS time,
    CAST(v.avg_satisfaction AS float) AS value
FROM dbo.vw_daily_metrics AS v
WHERE v.workspace_id = TRY_CAST(:key AS uniqueidentifier)
    AND v.date >= {{window_start}}
ORDER BY v.date;
