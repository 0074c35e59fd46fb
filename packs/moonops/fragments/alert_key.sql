-- What the alerts "a" of one row of the view have in common. The client is in it through the project.
md5(concat_ws('/', a.project_id, a.severity, a.status, a.title))
