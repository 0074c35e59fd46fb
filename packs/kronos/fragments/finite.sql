-- A time without a zone as one with it; infinity, which nothing here means, is no time.
CASE WHEN isfinite({{time}}) THEN {{time}}::timestamptz END
