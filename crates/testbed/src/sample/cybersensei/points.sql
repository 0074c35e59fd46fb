-- When each tenant sent a metric: every minute for two hours, every 15 minutes for eight days.

INSERT INTO sample_points (no, at)
SELECT no, at
FROM sample_tenants
CROSS JOIN LATERAL (
    SELECT minute - no * interval '1 second'  -- they do not all speak at once
    FROM generate_series(pg_temp.clock() - interval '2 hours', pg_temp.clock(),
                         interval '1 minute') AS minute
    UNION ALL
    SELECT quarter - no * interval '1 second'
    FROM generate_series(pg_temp.clock() - interval '8 days',
                         pg_temp.clock() - interval '2 hours 15 minutes',
                         interval '15 minutes') AS quarter
) AS points (at)
WHERE CASE quirk
          WHEN 'never'    THEN false
          WHEN 'silent'   THEN at < pg_temp.clock() - interval '3 hours'
          WHEN 'late'     THEN at < pg_temp.clock() - interval '20 minutes'
          WHEN 'inactive' THEN at < pg_temp.clock() - interval '5 days'
          WHEN 'gaps'     THEN NOT (at > pg_temp.clock() - interval '70 minutes'
                                    AND at < pg_temp.clock() - interval '50 minutes')
                           AND NOT (at > pg_temp.clock() - interval '11 hours'
                                    AND at < pg_temp.clock() - interval '7 hours')
                           AND NOT (at > pg_temp.clock() - interval '4 days'
                                    AND at < pg_temp.clock() - interval '3 days')
          ELSE true
      END;
