-- How many of a role's permissions stand for any.
(SELECT count(*) FROM unnest({{of}}) AS granted (permission) WHERE strpos(granted.permission, '*') > 0)
