-- Who and what the tests are about: Ann and Bob, and Ann's workspace "Shop".

INSERT INTO dbo.app_users (id, email, password_hash, password_salt, full_name, role) VALUES
    ('00000000-0000-0000-0000-000000000001', N'ann@example.org', N'not to be read', N'not to be read', N'Ann', N'admin'),
    ('00000000-0000-0000-0000-000000000002', N'bob@example.org', N'not to be read', N'not to be read', N'Bob', N'lecteur');
INSERT INTO dbo.profiles (id, role) VALUES
    ('00000000-0000-0000-0000-000000000001', N'admin'),
    ('00000000-0000-0000-0000-000000000002', N'lecteur');
INSERT INTO dbo.workspaces (id, user_id, name, allowed_domains) VALUES
    ('00000000-0000-0000-0000-000000000010', '00000000-0000-0000-0000-000000000001', N'Shop', N'["shop.example"]');
GO
