-- The messages of rows of the queue as they are now, to be looked at before they are written. A key of a row gives its
-- messages; the key of a message, as this query returned it, gives that message, wherever it is now.

SELECT
    m.id::text AS key,
    given.key AS row,
    {{message_now}},
    {{statuses}}
FROM unnest(:keys::text[]) AS given (key)
JOIN message_queue AS m
    ON CASE
        WHEN given.key ~ '^\d+$' THEN m.id = given.key::int
        ELSE {{of_group(key => given.key)}}
    END
ORDER BY m.id;
