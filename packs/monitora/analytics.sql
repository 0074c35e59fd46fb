-- What the last thirty days counted for each workspace. Days without a row are gaps of the lines, not zeros.

WITH counted AS (
    SELECT
        a.workspace_id,
        COUNT(*) AS days,
        MAX(a.date) AS last_day,
        SUM(a.total_conversations) AS conversations,
        SUM(a.total_messages) AS messages,
        AVG(a.avg_response_time_ms) AS response_ms,
        AVG(a.avg_rag_score) AS score,
        AVG(a.satisfaction_rate) AS satisfaction
    FROM dbo.analytics_daily AS a
    WHERE a.date > DATEADD(DAY, -30, CAST(SYSUTCDATETIME() AS date))
        AND a.date <= CAST(SYSUTCDATETIME() AS date)
    GROUP BY a.workspace_id
),
spoken AS (
    SELECT
        c.workspace_id,
        CAST(MAX(c.last_message_at) AS date) AS last_day
    FROM dbo.conversations AS c
    GROUP BY c.workspace_id
)
SELECT TOP (5000)
    judged.severity,
    found.reason,
    w.id,
    w.name,
    COALESCE(counted.days, 0) AS days,
    possible.days - COALESCE(counted.days, 0) AS missing_days,
    counted.last_day,
    counted.conversations,
    counted.messages,
    counted.response_ms,
    counted.score,
    counted.satisfaction
FROM dbo.workspaces AS w
LEFT JOIN counted
    ON counted.workspace_id = w.id
LEFT JOIN spoken
    ON spoken.workspace_id = w.id
CROSS APPLY (
    SELECT CASE
        WHEN w.created_at > DATEADD(DAY, -29, CAST(SYSUTCDATETIME() AS date))
            THEN DATEDIFF(DAY, w.created_at, SYSUTCDATETIME()) + 1
        ELSE 30
    END AS days
) AS possible
CROSS APPLY (
    SELECT CASE
        WHEN spoken.last_day > DATEADD(DAY, -30, CAST(SYSUTCDATETIME() AS date))
            AND (counted.last_day IS NULL OR counted.last_day < spoken.last_day) THEN 'behind'
        WHEN w.is_active = 0 THEN 'inactive'
        WHEN possible.days > COALESCE(counted.days, 0) THEN 'gaps'
    END AS reason
) AS found
CROSS APPLY (
    SELECT CASE found.reason
        WHEN 'behind' THEN 'warn'
        WHEN 'inactive' THEN 'off'
        ELSE 'ok'
    END AS severity
) AS judged
WHERE {{is_workspace(id => w.id)}}
    AND {{found_in(text => w.name)}}
ORDER BY {{worst_first(severity => judged.severity)}}, counted.messages DESC, w.name;
