-- Whether a measurement can be one: NaN sorts above every number, and so fails here too.
({{of}}.value >= 0 AND {{of}}.value <= CASE {{of}}.metric WHEN 'latency' THEN 1e9 ELSE 100 END)
