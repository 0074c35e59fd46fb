-- A license key as people may see it: the first four and the last four characters.
CASE WHEN length({{key}}) >= 12 THEN left({{key}}, 4) || '…' || right({{key}}, 4) ELSE '****' END
