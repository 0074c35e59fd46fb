-- Whether some route leads to a service. Nothing ties logs.service_name to routes.service but the name.
EXISTS (SELECT 1 FROM routes AS r WHERE r.service = {{service}})
