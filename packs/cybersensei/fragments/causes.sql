-- Entries of some levels, each with its cause: parts of a WITH. The cause is NOT MATERIALIZED: it is
-- computed only for entries that pass the query's other conditions.
{{levels(level => {{of}}, since => {{from}})}},
cause AS NOT MATERIALIZED (
    SELECT
        e.*,
        norm.pattern,
        {{fingerprint(of => e, by => norm)}} AS fingerprint
    FROM {{scan(since => chosen.since, which => {{where}})}}
    {{norm}}
)
