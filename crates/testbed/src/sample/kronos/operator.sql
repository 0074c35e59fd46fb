-- What the dashboard's login may do. Not even a hash of a password can be read with it.

GRANT USAGE ON SCHEMA public TO :operator;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO :operator;
REVOKE SELECT ON users FROM :operator;
GRANT SELECT (id, username, email, role_id, created_at) ON users TO :operator;
GRANT UPDATE (request_count) ON rate_limits TO :operator;
GRANT UPDATE (status) ON message_queue TO :operator;
GRANT DELETE ON sessions, cache TO :operator;
-- To lock rows, which takes the right to update a column.
GRANT UPDATE (id) ON sessions TO :operator;
GRANT UPDATE (key) ON cache TO :operator;
