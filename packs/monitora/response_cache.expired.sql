-- Answers that ended longer than :kept_hours ago, the oldest first, as many as one purge takes. What ended since may be
-- about to be asked for anew.

SELECT TOP (20000)
    r.id AS [key],
    w.name AS workspace,
    LEFT(r.original_question, 60) AS question,
    r.expires_at
FROM dbo.response_cache AS r
LEFT JOIN dbo.workspaces AS w
    ON w.id = r.workspace_id
WHERE r.expires_at < DATEADD(HOUR, -CAST(:kept_hours AS int), SYSUTCDATETIME())
ORDER BY r.expires_at, r.id;
