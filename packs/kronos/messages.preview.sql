-- A message as it is now, before it is written.

SELECT
    m.id::text AS key,
    {{message_now}},
    {{statuses}}
FROM message_queue AS m
WHERE m.id = ANY (:keys::int[])
ORDER BY m.id;
