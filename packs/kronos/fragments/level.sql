-- The level of an entry in the words of this dashboard. Services write what they like: warn, WARNING, err.
CASE
        WHEN lower(btrim({{of}})) IN ('critical', 'crit', 'fatal', 'alert', 'emerg', 'emergency', 'panic') THEN 'CRITICAL'
        WHEN lower(btrim({{of}})) IN ('error', 'err', 'severe') THEN 'ERROR'
        WHEN lower(btrim({{of}})) IN ('warning', 'warn') THEN 'WARNING'
        WHEN lower(btrim({{of}})) IN ('info', 'information', 'notice') THEN 'INFO'
        WHEN lower(btrim({{of}})) IN ('debug', 'trace', 'verbose') THEN 'DEBUG'
        ELSE 'OTHER'
    END
