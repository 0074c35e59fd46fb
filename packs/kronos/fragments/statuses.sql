-- What a message may be set to is what messages are: the system has no list of it.
(SELECT json_agg(s.status ORDER BY s.status) FROM (SELECT DISTINCT status FROM message_queue WHERE status IS NOT NULL) AS s)::text
    AS choices_status
