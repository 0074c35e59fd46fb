-- The alerts of rows of the list as they are now, to be looked at before they are written. A key of a row gives its alerts;
-- the id of an alert, as this query returned it, gives that alert, whatever its status is now.

SELECT
    a.id::text AS key,
    given.key AS row,
    {{alert_now}}
FROM unnest(:keys::text[]) AS given (key)
JOIN alerts AS a
    ON CASE WHEN given.key ~ '-' THEN a.id::text = given.key ELSE {{alert_key}} = given.key END
JOIN projects AS p
    ON p.id = a.project_id
WHERE {{of_scope(of => a)}}
ORDER BY a.created_at, a.id;
