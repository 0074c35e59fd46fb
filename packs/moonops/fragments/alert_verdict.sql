-- How bad alerts of a severity and a status are, as {severity, reason}: what nobody looks at is worse than what somebody has
-- in hand. Of a severity that nobody knows nobody knows that either.
CASE
        WHEN {{status}} = 'resolved' THEN ARRAY['off', 'resolved']
        WHEN {{severity}} = 'critical' AND {{status}} = 'open' THEN ARRAY['crit', 'critical']
        WHEN {{severity}} = 'critical' THEN ARRAY['warn', 'in_hand']
        WHEN {{severity}} = 'warning' AND {{status}} = 'open' THEN ARRAY['warn', 'warning']
        WHEN {{severity}} = 'warning' THEN ARRAY['ok', 'in_hand']
        WHEN {{severity}} = 'info' THEN ARRAY['ok', NULL]
        ELSE ARRAY['unknown', 'unknown_severity']
    END
