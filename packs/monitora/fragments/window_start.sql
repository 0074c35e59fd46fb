-- The first day of a chart. Windows are written as "30 days".
DATEADD(DAY, 1 - CAST(LEFT(:window, CHARINDEX(' ', :window) - 1) AS int), CAST(SYSUTCDATETIME() AS date))
