-- Who there is: every finding of the views users, sessions, workspaces, api_keys and external_databases has a row. The time
-- of the sample stands for @now.

DECLARE @now DATETIME2 = ':now';

INSERT INTO dbo.app_users (
    id, email, password_hash, password_salt, full_name, role, is_active, failed_login_attempts, locked_until, created_at,
    last_login_at
)
VALUES
    ('a0000000-0000-0000-0000-000000000001', N'ann@example.org', N'SECRET-HASH-1', N'SECRET-SALT-1', N'Ann Arbor', N'admin', 1, 0, NULL, DATEADD(DAY, -400, @now), DATEADD(HOUR, -2, @now)),
    ('a0000000-0000-0000-0000-000000000002', N'bob@example.org', N'SECRET-HASH-2', N'SECRET-SALT-2', N'Bob', N'lecteur', 1, 5, DATEADD(MINUTE, 25, @now), DATEADD(DAY, -300, @now), DATEADD(DAY, -3, @now)),
    ('a0000000-0000-0000-0000-000000000003', N'cleo@example.org', N'SECRET-HASH-3', N'SECRET-SALT-3', N'Cléo', N'admin', 1, 3, NULL, DATEADD(DAY, -200, @now), DATEADD(DAY, -1, @now)),
    -- Its profile says admin, as profiles do where nobody says otherwise.
    ('a0000000-0000-0000-0000-000000000004', N'dan@example.org', N'SECRET-HASH-4', N'SECRET-SALT-4', N'Dan', N'lecteur', 1, 0, NULL, DATEADD(DAY, -90, @now), DATEADD(DAY, -40, @now)),
    ('a0000000-0000-0000-0000-000000000005', N'eve@example.org', N'SECRET-HASH-5', N'SECRET-SALT-5', N'Eve', N'lecteur', 0, 0, NULL, DATEADD(DAY, -80, @now), DATEADD(DAY, -20, @now)),
    ('a0000000-0000-0000-0000-000000000006', N'fay@example.org', N'SECRET-HASH-6', N'SECRET-SALT-6', NULL, N'lecteur', 1, 0, NULL, DATEADD(DAY, -1, @now), NULL),
    -- What was locked and is over is free.
    ('a0000000-0000-0000-0000-000000000007', N'gus@example.org', N'SECRET-HASH-7', N'SECRET-SALT-7', N'Gus', N'admin', 1, 0, DATEADD(DAY, -1, @now), DATEADD(DAY, -70, @now), DATEADD(HOUR, -5, @now));

INSERT INTO dbo.profiles (id, role, country, bio, preferences)
VALUES
    ('a0000000-0000-0000-0000-000000000001', N'admin', N'France', N'owner of most', N'{"language": "fr"}'),
    ('a0000000-0000-0000-0000-000000000002', N'lecteur', NULL, NULL, N'not JSON'),
    ('a0000000-0000-0000-0000-000000000003', N'admin', N'Suisse', NULL, NULL),
    ('a0000000-0000-0000-0000-000000000005', N'lecteur', NULL, NULL, NULL),
    ('a0000000-0000-0000-0000-000000000007', N'admin', NULL, NULL, NULL);
INSERT INTO dbo.profiles (id) VALUES ('a0000000-0000-0000-0000-000000000004');

INSERT INTO dbo.app_sessions (
    id, user_id, token_hash, refresh_token_hash, ip_address, user_agent, created_at, expires_at, last_activity_at
)
VALUES
    ('50000000-0000-0000-0000-000000000001', 'a0000000-0000-0000-0000-000000000001', N'SECRET-TOKEN-1', N'SECRET-REFRESH-1', N'192.0.2.1', N'Mozilla/5.0 (X11; Linux x86_64)', DATEADD(HOUR, -2, @now), DATEADD(HOUR, 6, @now), DATEADD(MINUTE, -3, @now)),
    ('50000000-0000-0000-0000-000000000002', 'a0000000-0000-0000-0000-000000000005', N'SECRET-TOKEN-2', NULL, N'198.51.100.7', N'curl/8.0', DATEADD(DAY, -1, @now), DATEADD(DAY, 1, @now), NULL),
    ('50000000-0000-0000-0000-000000000003', 'a0000000-0000-0000-0000-000000000001', N'SECRET-TOKEN-3', NULL, N'192.0.2.1', NULL, DATEADD(DAY, -9, @now), DATEADD(DAY, -8, @now), DATEADD(DAY, -9, @now)),
    ('50000000-0000-0000-0000-000000000004', 'a0000000-0000-0000-0000-000000000003', N'SECRET-TOKEN-4', NULL, N'2001:db8::4', N'Mozilla/5.0', DATEADD(HOUR, -9, @now), DATEADD(HOUR, -1, @now), DATEADD(HOUR, -2, @now)),
    ('50000000-0000-0000-0000-000000000005', 'a0000000-0000-0000-0000-000000000007', N'SECRET-TOKEN-5', NULL, NULL, NULL, DATEADD(HOUR, -5, @now), DATEADD(HOUR, 3, @now), NULL);

INSERT INTO dbo.workspaces (id, user_id, name, description, website_url, allowed_domains, is_active, system_prompt, created_at)
VALUES
    ('b0000000-0000-0000-0000-000000000001', 'a0000000-0000-0000-0000-000000000001', N'Shop', N'The shop''s helper', N'https://shop.example', N'["shop.example"]', 1, N'You sell shoes.', DATEADD(DAY, -300, @now)),
    ('b0000000-0000-0000-0000-000000000002', 'a0000000-0000-0000-0000-000000000001', N'Help desk', NULL, N'https://help.example', N'["help.example", "www.help.example"]', 1, NULL, DATEADD(DAY, -200, @now)),
    ('b0000000-0000-0000-0000-000000000003', 'a0000000-0000-0000-0000-000000000003', N'Open to all', NULL, NULL, NULL, 1, NULL, DATEADD(DAY, -100, @now)),
    ('b0000000-0000-0000-0000-000000000004', 'a0000000-0000-0000-0000-000000000003', N'Empty list', NULL, NULL, N'[ ]', 1, NULL, DATEADD(DAY, -90, @now)),
    ('b0000000-0000-0000-0000-000000000005', 'a0000000-0000-0000-0000-000000000007', N'Off, in use', NULL, NULL, N'["old.example"]', 0, NULL, DATEADD(DAY, -80, @now)),
    ('b0000000-0000-0000-0000-000000000006', 'a0000000-0000-0000-0000-000000000007', N'Off', NULL, NULL, N'["older.example"]', 0, NULL, DATEADD(DAY, -70, @now)),
    ('b0000000-0000-0000-0000-000000000007', 'a0000000-0000-0000-0000-000000000005', N'Left behind', NULL, NULL, N'["eve.example"]', 1, NULL, DATEADD(DAY, -60, @now)),
    -- Text that would move the cursor, turn the line around, or hide.
    ('b0000000-0000-0000-0000-000000000008', 'a0000000-0000-0000-0000-000000000001', CONCAT(N'Hostile ', NCHAR(27), N'[31m', NCHAR(8238), N'txt', NCHAR(8203), NCHAR(7), N'!'), CONCAT(N'two', NCHAR(10), N'lines'), N'javascript:alert(1)', N'["evil.example"]', 1, NULL, DATEADD(DAY, -5, @now));

INSERT INTO dbo.api_keys (id, workspace_id, name, key_prefix, key_hash, last_used_at, expires_at, created_at)
VALUES
    -- Nothing in the database stops a key that has ended.
    ('e0000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000001', N'widget 2025', N'mk_ended', N'SECRET-KEY-1', DATEADD(HOUR, -1, @now), DATEADD(DAY, -2, @now), DATEADD(DAY, -300, @now)),
    ('e0000000-0000-0000-0000-000000000002', 'b0000000-0000-0000-0000-000000000001', N'widget 2026', N'mk_live', N'SECRET-KEY-2', DATEADD(MINUTE, -5, @now), DATEADD(DAY, 200, @now), DATEADD(DAY, -20, @now)),
    ('e0000000-0000-0000-0000-000000000003', 'b0000000-0000-0000-0000-000000000002', N'help', N'mk_soon', N'SECRET-KEY-3', DATEADD(DAY, -1, @now), DATEADD(DAY, 5, @now), DATEADD(DAY, -100, @now)),
    ('e0000000-0000-0000-0000-000000000004', 'b0000000-0000-0000-0000-000000000002', N'for ever', N'mk_ever', N'SECRET-KEY-4', DATEADD(DAY, -1, @now), NULL, DATEADD(DAY, -100, @now)),
    ('e0000000-0000-0000-0000-000000000005', 'b0000000-0000-0000-0000-000000000003', N'forgotten', N'mk_never', N'SECRET-KEY-5', NULL, DATEADD(DAY, 100, @now), DATEADD(DAY, -95, @now)),
    ('e0000000-0000-0000-0000-000000000006', 'b0000000-0000-0000-0000-000000000003', N'over', N'mk_over', N'SECRET-KEY-6', DATEADD(DAY, -40, @now), DATEADD(DAY, -30, @now), DATEADD(DAY, -95, @now)),
    ('e0000000-0000-0000-0000-000000000007', 'b0000000-0000-0000-0000-000000000006', N'of off', N'mk_off', N'SECRET-KEY-7', DATEADD(DAY, -1, @now), DATEADD(DAY, 60, @now), DATEADD(DAY, -50, @now));

INSERT INTO dbo.workspace_databases (
    id, workspace_id, name, db_type, host, port, [database], username, password_encrypted, is_active
)
VALUES
    ('d0000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000001', N'Orders', N'postgres', N'db.shop.example', 5432, N'orders', N'reader', N'SECRET-PASSWORD-1', 1),
    ('d0000000-0000-0000-0000-000000000002', 'b0000000-0000-0000-0000-000000000001', N'Stock', N'sqlserver', N'sql.shop.example', 1433, N'stock', N'sa', N'SECRET-PASSWORD-2', 1),
    ('d0000000-0000-0000-0000-000000000003', 'b0000000-0000-0000-0000-000000000006', N'Old', N'mysql', N'old.example', NULL, N'old', N'reader', NULL, 1),
    ('d0000000-0000-0000-0000-000000000004', 'b0000000-0000-0000-0000-000000000002', N'Unused', N'mysql', N'unused.example', 3306, N'unused', N'root', NULL, 0);
GO
