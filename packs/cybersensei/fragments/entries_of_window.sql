-- The entries of the level of a cause within a chart's window, each with its cause, and the length of one of 60 steps: parts
-- of a WITH.
scale AS MATERIALIZED (
    SELECT extract(epoch FROM :window::interval) / 60 AS step
),
{{causes(
    of => label::text = split_part(:key::text, '-', 1),
    from => LOCALTIMESTAMP - :window::interval,
    where => "timestamp" <= LOCALTIMESTAMP
)}}
