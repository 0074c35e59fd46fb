-- Monitora: its triggers and views.
--
-- Fifteen of the sixteen triggers of the document are here. trg_api_key_expiry_check cannot be: it is to run BEFORE SELECT,
-- and SQL Server has triggers AFTER and INSTEAD OF INSERT, UPDATE and DELETE only. Nothing in the database keeps a key from
-- being used after its end. trg_update_conversation_message_count stands under conversations in the document and counts
-- messages: it is a trigger of messages.

CREATE TRIGGER dbo.trg_users_updated_at ON dbo.app_users
AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE t SET updated_at = GETUTCDATE() FROM dbo.app_users AS t JOIN inserted AS i ON i.id = t.id;
END;
GO

CREATE TRIGGER dbo.trg_profiles_updated_at ON dbo.profiles
AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE t SET updated_at = GETUTCDATE() FROM dbo.profiles AS t JOIN inserted AS i ON i.id = t.id;
END;
GO

CREATE TRIGGER dbo.trg_workspaces_updated_at ON dbo.workspaces
AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE t SET updated_at = GETUTCDATE() FROM dbo.workspaces AS t JOIN inserted AS i ON i.id = t.id;
END;
GO

CREATE TRIGGER dbo.trg_workspace_databases_updated_at ON dbo.workspace_databases
AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE t SET updated_at = GETUTCDATE() FROM dbo.workspace_databases AS t JOIN inserted AS i ON i.id = t.id;
END;
GO

CREATE TRIGGER dbo.trg_documents_updated_at ON dbo.documents
AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE t SET updated_at = GETUTCDATE() FROM dbo.documents AS t JOIN inserted AS i ON i.id = t.id;
END;
GO

-- The foreign key has deleted them already. A document that is marked as deleted fires nothing, and keeps its chunks.
CREATE TRIGGER dbo.trg_document_deletion ON dbo.documents
AFTER DELETE
AS
BEGIN
    SET NOCOUNT ON;
    DELETE c FROM dbo.document_chunks AS c JOIN deleted AS d ON d.id = c.document_id;
END;
GO

CREATE TRIGGER dbo.trg_conversations_updated_at ON dbo.conversations
AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE t SET updated_at = GETUTCDATE() FROM dbo.conversations AS t JOIN inserted AS i ON i.id = t.id;
END;
GO

CREATE TRIGGER dbo.trg_update_conversation_message_count ON dbo.messages
AFTER INSERT, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE c
    SET
        message_count = c.message_count + moved.added - moved.removed,
        last_message_at = COALESCE(moved.newest, c.last_message_at)
    FROM dbo.conversations AS c
    JOIN (
        SELECT conversation_id, SUM(added) AS added, SUM(removed) AS removed, MAX(newest) AS newest
        FROM (
            SELECT conversation_id, 1 AS added, 0 AS removed, created_at AS newest FROM inserted
            UNION ALL
            SELECT conversation_id, 0, 1, NULL FROM deleted
        ) AS one
        GROUP BY conversation_id
    ) AS moved
        ON moved.conversation_id = c.id;
END;
GO

CREATE TRIGGER dbo.trg_messages_updated_at ON dbo.messages
AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE t SET updated_at = GETUTCDATE() FROM dbo.messages AS t JOIN inserted AS i ON i.id = t.id;
END;
GO

CREATE TRIGGER dbo.trg_message_insert_analytics ON dbo.messages
AFTER INSERT
AS
BEGIN
    SET NOCOUNT ON;
    INSERT INTO dbo.analytics_daily (workspace_id, date)
    SELECT DISTINCT c.workspace_id, CAST(i.created_at AS DATE)
    FROM inserted AS i
    JOIN dbo.conversations AS c
        ON c.id = i.conversation_id
    WHERE NOT EXISTS (
        SELECT 1
        FROM dbo.analytics_daily AS a WITH (UPDLOCK, HOLDLOCK)
        WHERE a.workspace_id = c.workspace_id AND a.date = CAST(i.created_at AS DATE)
    );
    UPDATE a
    SET total_messages = a.total_messages + new.messages
    FROM dbo.analytics_daily AS a
    JOIN (
        SELECT c.workspace_id, CAST(i.created_at AS DATE) AS day, COUNT(*) AS messages
        FROM inserted AS i
        JOIN dbo.conversations AS c
            ON c.id = i.conversation_id
        GROUP BY c.workspace_id, CAST(i.created_at AS DATE)
    ) AS new
        ON new.workspace_id = a.workspace_id AND new.day = a.date;
END;
GO

CREATE TRIGGER dbo.trg_update_cache_on_message ON dbo.messages
AFTER INSERT
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE k
    SET total_messages = k.total_messages + new.messages
    FROM dbo.insights_cache AS k
    JOIN (
        SELECT c.workspace_id, COUNT(*) AS messages
        FROM inserted AS i
        JOIN dbo.conversations AS c
            ON c.id = i.conversation_id
        GROUP BY c.workspace_id
    ) AS new
        ON new.workspace_id = k.workspace_id;
END;
GO

CREATE TRIGGER dbo.trg_analytics_daily_updated_at ON dbo.analytics_daily
AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE t SET updated_at = GETUTCDATE() FROM dbo.analytics_daily AS t JOIN inserted AS i ON i.id = t.id;
END;
GO

CREATE TRIGGER dbo.trg_response_cache_updated_at ON dbo.response_cache
AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE t SET updated_at = GETUTCDATE() FROM dbo.response_cache AS t JOIN inserted AS i ON i.id = t.id;
END;
GO

CREATE TRIGGER dbo.trg_response_cache_expiry ON dbo.response_cache
AFTER INSERT
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE t
    SET expires_at = DATEADD(SECOND, t.ttl_seconds, t.created_at)
    FROM dbo.response_cache AS t
    JOIN inserted AS i
        ON i.id = t.id;
END;
GO

CREATE TRIGGER dbo.trg_api_keys_updated_at ON dbo.api_keys
AFTER UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE t SET updated_at = GETUTCDATE() FROM dbo.api_keys AS t JOIN inserted AS i ON i.id = t.id;
END;
GO

CREATE VIEW dbo.vw_workspace_stats
AS
SELECT
    w.id AS workspace_id,
    w.name AS workspace_name,
    COUNT(c.id) AS total_conversations,
    COALESCE(SUM(c.message_count), 0) AS total_messages,
    COUNT(DISTINCT c.visitor_id) AS unique_visitors
FROM dbo.workspaces AS w
LEFT JOIN dbo.conversations AS c
    ON c.workspace_id = w.id
GROUP BY w.id, w.name;
GO

CREATE VIEW dbo.vw_user_workspaces
AS
SELECT
    u.id AS user_id,
    u.email AS user_email,
    w.id AS workspace_id,
    w.name AS workspace_name,
    w.created_at AS workspace_created_at
FROM dbo.app_users AS u
JOIN dbo.profiles AS p
    ON p.id = u.id
JOIN dbo.workspaces AS w
    ON w.user_id = p.id;
GO

CREATE VIEW dbo.vw_daily_metrics
AS
SELECT
    date,
    workspace_id,
    satisfaction_rate AS avg_satisfaction,
    avg_response_time_ms AS avg_response_time
FROM dbo.analytics_daily;
GO
