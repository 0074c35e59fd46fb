-- The entries of the levels in `chosen`, for a FROM: one scan of the index (level, "timestamp") for
-- each level.
--
-- Two things make the planner use it; else it reads the whole table. OFFSET 0 makes it scan once per
-- level. BETWEEN .. AND 'infinity' makes it expect few rows: for a range with one end it expects a
-- third of the table, for two ends far less.
chosen
    CROSS JOIN LATERAL (
        SELECT *
        FROM error_logs
        WHERE level = chosen.label
            AND "timestamp" BETWEEN {{since}} AND 'infinity'
            AND ({{which}})
        OFFSET 0
    ) AS e
