-- Actions of the log of the last 90 days.

SELECT DISTINCT
    l.action
FROM audit_logs AS l
WHERE l.created_at > now() - interval '90 days'
    AND {{of_scope(of => l)}}
ORDER BY l.action;
