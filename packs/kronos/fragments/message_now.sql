-- What the action of a message shows and compares.
m.topic,
    m.status,
    m.created_at::text AS created_at
