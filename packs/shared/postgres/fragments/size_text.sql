-- A number of bytes as lists write it: 1.4 MiB.
(
    SELECT
        CASE WHEN power = 0 THEN bytes::bigint || ' B'
            ELSE round(bytes / 1024::numeric ^ power, 1) || ' ' || substr('KMGTPE', power, 1) || 'iB'
        END
    FROM (SELECT ({{bytes}})::numeric AS bytes) AS given
    CROSS JOIN LATERAL (SELECT CASE WHEN bytes >= 1024 THEN floor(log(1024, bytes))::int ELSE 0 END AS power) AS scaled
)
