-- One entry, in full.

SELECT
    l.id,
    l.timestamp::timestamptz AS at,
    l.service_name AS service,
    {{level(of => l.level)}} AS level,
    l.level AS raw_level,
    {{hide_tokens(text => l.message)}} AS message
FROM logs AS l
WHERE l.id = :key::int;
