-- The key of a cause: the level, a dash and 32 hex digits.
level::text || '-' || md5(ROW(source, method, route, "statusCode", pattern, frame)::text)
