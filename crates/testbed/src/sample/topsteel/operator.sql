-- What the dashboard's login may do in AUTH. No hash can be read with it.

GRANT USAGE ON SCHEMA public TO :operator;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO :operator;
REVOKE SELECT ON users, user_sessions FROM :operator;
GRANT SELECT (id, email, nom, prenom, actif, last_login_at, created_at, updated_at, deleted_at) ON users TO :operator;
GRANT SELECT (id, user_id, societe_id, ip_address, created_at, expires_at) ON user_sessions TO :operator;
GRANT DELETE ON user_sessions TO :operator;
-- To lock rows, which takes the right to update a column.
GRANT UPDATE (id) ON user_sessions TO :operator;
