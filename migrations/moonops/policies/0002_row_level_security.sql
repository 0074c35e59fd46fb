-- The policies of MoonOps, which the document has commented out at the end of its script: a client's context shows its own
-- rows, and no context shows none.
--
-- NULLIF, because the setting is an empty text on a connection on which it was set for one transaction, and an empty text
-- is no uuid. clients has no policy: it is the list of clients, from which the context is chosen.

ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_isolation ON projects
    USING (client_id = NULLIF(current_setting('app.current_client_id', true), '')::uuid);

ALTER TABLE environments ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_isolation ON environments
    USING (client_id = NULLIF(current_setting('app.current_client_id', true), '')::uuid);

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_isolation ON users
    USING (client_id = NULLIF(current_setting('app.current_client_id', true), '')::uuid);

ALTER TABLE pipelines ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_isolation ON pipelines
    USING (client_id = NULLIF(current_setting('app.current_client_id', true), '')::uuid);

ALTER TABLE deployments ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_isolation ON deployments
    USING (client_id = NULLIF(current_setting('app.current_client_id', true), '')::uuid);

ALTER TABLE metrics ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_isolation ON metrics
    USING (client_id = NULLIF(current_setting('app.current_client_id', true), '')::uuid);

ALTER TABLE alerts ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_isolation ON alerts
    USING (client_id = NULLIF(current_setting('app.current_client_id', true), '')::uuid);

ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_isolation ON invoices
    USING (client_id = NULLIF(current_setting('app.current_client_id', true), '')::uuid);

ALTER TABLE audit_logs ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_isolation ON audit_logs
    USING (client_id = NULLIF(current_setting('app.current_client_id', true), '')::uuid);
