-- Whether a message is of a row of the queue, whose key is its topic and its status.
m.topic = {{key}}::json ->> 0
    AND coalesce(m.status, '') = {{key}}::json ->> 1
