-- The procedures, triggers and views that the document lists: whether they are there, and switched on.

WITH {{listed_objects}}
SELECT
    judged.severity,
    found.reason,
    l.name,
    l.kind,
    COALESCE(OBJECT_NAME(t.parent_id), l.parent) AS on_table,
    found.state,
    l.used_by,
    o.modify_date AS modified
FROM listed AS l
LEFT JOIN sys.objects AS o
    ON o.name = l.name
    AND o.schema_id = SCHEMA_ID('dbo')
    AND o.type = CASE l.kind WHEN 'procedure' THEN 'P' WHEN 'view' THEN 'V' ELSE 'TR' END
LEFT JOIN sys.triggers AS t
    ON t.object_id = o.object_id
CROSS APPLY (
    SELECT
        CASE
            WHEN l.is_possible = 0 THEN 'impossible'
            WHEN o.object_id IS NULL AND {{sees_definitions}} THEN 'missing'
            WHEN o.object_id IS NULL THEN 'not visible'
            WHEN t.is_disabled = 1 THEN 'disabled'
            ELSE 'there'
        END AS state,
        CASE
            WHEN l.is_possible = 0 THEN 'impossible'
            WHEN o.object_id IS NULL AND {{sees_definitions}} THEN 'missing'
            WHEN o.object_id IS NULL THEN 'not_visible'
            WHEN t.is_disabled = 1 THEN 'disabled'
        END AS reason
) AS found
CROSS APPLY (
    SELECT CASE found.reason
        WHEN 'impossible' THEN 'off'
        WHEN 'not_visible' THEN 'unknown'
        WHEN 'missing' THEN 'crit'
        WHEN 'disabled' THEN 'crit'
        ELSE 'ok'
    END AS severity
) AS judged
WHERE :kind = 'all' OR :kind = l.kind
ORDER BY l.kind, l.name;
