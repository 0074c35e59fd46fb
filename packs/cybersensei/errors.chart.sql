-- Entries of one cause over time, open and resolved apart, in 60 steps of the window.

WITH {{entries_of_window}},
counted AS (
    SELECT
        floor(extract(epoch FROM "timestamp") / (SELECT step FROM scale)) AS slot,
        count(*) FILTER (WHERE NOT resolved) AS open,
        count(*) FILTER (WHERE resolved) AS resolved
    FROM cause
    WHERE fingerprint = :key::text
    GROUP BY 1
)
-- Every slot, so that silence is drawn as 0.
SELECT
    {{slot_time}},
    coalesce(series.events, 0)::float8 AS value,
    series.name AS series
FROM {{slots}}
LEFT JOIN counted
    ON counted.slot = slot.n
CROSS JOIN LATERAL (
    VALUES ('open', counted.open), ('resolved', counted.resolved)
) AS series (name, events)
ORDER BY series.name, "time";
