-- The key of a cause: the level, a dash and 32 hex digits.
{{of}}.level::text || '-' || md5(ROW({{of}}.source, {{of}}.method, {{by}}.route, {{of}}."statusCode", {{by}}.pattern, {{by}}.frame)::text)
