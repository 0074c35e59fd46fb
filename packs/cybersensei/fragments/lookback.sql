-- How far back a level is looked at. CRITICAL has no time window.
CASE WHEN label::text = 'CRITICAL' THEN '-infinity' ELSE LOCALTIMESTAMP - :other_levels_back::interval END
