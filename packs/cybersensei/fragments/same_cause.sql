-- Whether an entry `c` is of the cause `g`. The first conditions are cheap and leave few entries to
-- fingerprint.
c.level = g.level
        AND c.source = g.source
        AND c."statusCode" IS NOT DISTINCT FROM g."statusCode"
        AND starts_with(c.message, split_part(g.pattern, '#', 1))
        AND c.fingerprint = g.fingerprint
