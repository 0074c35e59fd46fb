-- Entries of some levels, each with its cause: parts of a WITH.
{{levels(level => {{of}}, since => {{from}})}},
entry AS NOT MATERIALIZED (
    SELECT e.*
    FROM {{scan(since => chosen.since, which => {{where}})}}
),
{{fingerprint}}
