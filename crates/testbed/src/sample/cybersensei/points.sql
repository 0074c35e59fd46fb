-- When each tenant sent a metric: every minute for two hours, every 5 minutes for eight days: as fine as any chart draws them.

INSERT INTO sample_points (no, at)
SELECT no, at
FROM sample_tenants
CROSS JOIN LATERAL (
    SELECT minute - no * interval '1 second'  -- they do not all speak at once
    FROM generate_series(pg_temp.clock() - interval '2 hours', pg_temp.clock(),
                         interval '1 minute') AS minute
    UNION ALL
    SELECT moment - no * interval '1 second'
    FROM generate_series(pg_temp.clock() - interval '8 days',
                         pg_temp.clock() - interval '2 hours 5 minutes',
                         interval '5 minutes') AS moment
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
