-- Whether an entry `e` is of the cause `g`. The first conditions are cheap and leave few entries to
-- fingerprint.
e.source = g.source
            AND e."statusCode" IS NOT DISTINCT FROM g."statusCode"
            AND starts_with(e.message, split_part(g.pattern, '#', 1))
            AND {{fingerprint(of => e, by => norm)}} = g.fingerprint
