-- Every step of the window of a chart, for a FROM.
scale
CROSS JOIN generate_series(
    floor(extract(epoch FROM LOCALTIMESTAMP - :window::interval) / scale.step)::bigint,
    floor(extract(epoch FROM LOCALTIMESTAMP) / scale.step)::bigint
) AS slot (n)
