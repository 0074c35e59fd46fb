-- Every step of the window of a chart, for a FROM.
scale
CROSS JOIN generate_series(
    floor(extract(epoch FROM LOCALTIMESTAMP - :window::interval) / scale.step),
    floor(extract(epoch FROM LOCALTIMESTAMP) / scale.step)
) AS slot (n)
