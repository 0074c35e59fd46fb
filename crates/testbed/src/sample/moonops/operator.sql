-- What the dashboard's login may do. Not even a hash of a password can be read with it, and the policies bind it.

GRANT USAGE ON SCHEMA public TO :operator;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO :operator;
REVOKE SELECT ON users FROM :operator;
GRANT SELECT (id, client_id, email, full_name, role, status, last_login_at, created_at) ON users TO :operator;
GRANT UPDATE (status, acknowledged_at, acknowledged_by, resolved_at, resolved_by, resolution_note, updated_at) ON alerts TO :operator;
