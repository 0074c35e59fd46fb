-- Entries of the last {{since}}, each with its level and its cause: parts of a WITH. OFFSET 0 lets the expressions be
-- computed once.
entry AS NOT MATERIALIZED (
    SELECT
        l.id,
        l.service_name,
        l.level AS raw_level,
        norm.level,
        l.message,
        l.timestamp,
        norm.pattern,
        norm.level || '-' || md5(norm.pattern) AS fingerprint
    FROM logs AS l
    CROSS JOIN LATERAL (
        SELECT
            {{level(of => l.level)}} AS level,
            {{pattern(text => l.message)}} AS pattern
        OFFSET 0
    ) AS norm
    WHERE l.timestamp >= LOCALTIMESTAMP - {{since}}
        AND l.timestamp <= LOCALTIMESTAMP
)
