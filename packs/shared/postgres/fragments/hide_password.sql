-- A statement without the passwords that it sets.
regexp_replace({{text}}, '(\mpassword\s+E?)''(''''|[^''])*''?', '\1''***''', 'gi')
