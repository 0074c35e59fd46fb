-- Messages that came per hour of the last 24, for the rows on screen.

SELECT
    k.key,
    (
        SELECT array_agg(coalesce(hourly.messages, 0)::float8 ORDER BY hour.ago DESC)
        FROM generate_series(0, 23) AS hour (ago)
        LEFT JOIN (
            SELECT
                floor(extract(epoch FROM LOCALTIMESTAMP - m.created_at) / 3600) AS hours_ago,
                count(*) AS messages
            FROM message_queue AS m
            WHERE {{of_group(key => k.key)}}
                AND m.created_at > LOCALTIMESTAMP - interval '24 hours'
                AND m.created_at <= LOCALTIMESTAMP
            GROUP BY 1
        ) AS hourly
            ON hourly.hours_ago = hour.ago
    ) AS arrivals
FROM unnest(:keys::text[]) AS k (key);
