-- What the dashboard's login may do. Not even a hash of a password can be read with it.

GRANT pg_monitor, pg_signal_backend TO :operator;
GRANT USAGE ON SCHEMA public TO :operator;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO :operator;
REVOKE SELECT ON admin_users FROM :operator;
GRANT SELECT ("id", "name", "email", "role", "active", "lastLoginAt", "createdAt", "updatedAt")
    ON admin_users TO :operator;
GRANT UPDATE ("resolved", "resolvedAt", "resolvedBy", "resolutionNotes") ON error_logs TO :operator;
GRANT UPDATE ("status", "expiresAt", "notes", "updatedAt") ON licenses TO :operator;
GRANT UPDATE ("active", "updatedAt") ON tenants TO :operator;
GRANT UPDATE ("active") ON updates_metadata TO :operator;
