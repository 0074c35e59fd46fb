-- What entries of one cause have in common.
pattern, route, frame, method, "statusCode", level, source
