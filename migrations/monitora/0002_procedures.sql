-- Monitora: the ten procedures that its document lists. It says what each is for and which parameters it has; what they do
-- stands here in the plainest words that keep to that.

CREATE PROCEDURE dbo.sp_create_user (
    @email NVARCHAR(255),
    @password_hash NVARCHAR(500),
    @password_salt NVARCHAR(255),
    @full_name NVARCHAR(255) = NULL,
    @role NVARCHAR(50) = 'lecteur'
)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    IF EXISTS (SELECT 1 FROM dbo.app_users WHERE email = @email)
    BEGIN
        SELECT CAST(0 AS BIT) AS success, N'There is an account with this address.' AS message, NULL AS user_id;
        RETURN;
    END;
    DECLARE @user_id UNIQUEIDENTIFIER = NEWID();
    BEGIN TRANSACTION;
    INSERT INTO dbo.app_users (id, email, password_hash, password_salt, full_name, role)
    VALUES (@user_id, @email, @password_hash, @password_salt, @full_name, @role);
    INSERT INTO dbo.profiles (id, role) VALUES (@user_id, @role);
    COMMIT TRANSACTION;
    SELECT CAST(1 AS BIT) AS success, N'' AS message, @user_id AS user_id;
END;
GO

CREATE PROCEDURE dbo.sp_get_user_for_auth (
    @email NVARCHAR(255)
)
AS
BEGIN
    SET NOCOUNT ON;
    SELECT id, email, password_hash, password_salt, full_name, role, is_active, failed_login_attempts, locked_until
    FROM dbo.app_users
    WHERE email = @email;
END;
GO

CREATE PROCEDURE dbo.sp_update_last_login (
    @user_id UNIQUEIDENTIFIER
)
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE dbo.app_users
    SET last_login_at = GETUTCDATE(), failed_login_attempts = 0, locked_until = NULL
    WHERE id = @user_id;
END;
GO

CREATE PROCEDURE dbo.sp_create_session (
    @user_id UNIQUEIDENTIFIER,
    @access_token NVARCHAR(500),
    @refresh_token NVARCHAR(500) = NULL,
    @ip_address NVARCHAR(50) = NULL,
    @user_agent NVARCHAR(500) = NULL,
    @expires_at DATETIME2
)
AS
BEGIN
    SET NOCOUNT ON;
    INSERT INTO dbo.app_sessions (user_id, token_hash, refresh_token_hash, ip_address, user_agent, expires_at)
    VALUES (
        @user_id,
        CONVERT(NVARCHAR(500), HASHBYTES('SHA2_256', @access_token), 2),
        CONVERT(NVARCHAR(500), HASHBYTES('SHA2_256', @refresh_token), 2),
        @ip_address,
        @user_agent,
        @expires_at
    );
END;
GO

CREATE PROCEDURE dbo.sp_validate_session (
    @token_hash NVARCHAR(500)
)
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE dbo.app_sessions
    SET last_activity_at = GETUTCDATE()
    WHERE token_hash = @token_hash AND expires_at > GETUTCDATE();
    SELECT s.id, s.user_id, u.email, u.role
    FROM dbo.app_sessions AS s
    JOIN dbo.app_users AS u
        ON u.id = s.user_id
    WHERE s.token_hash = @token_hash AND s.expires_at > GETUTCDATE() AND u.is_active = 1;
END;
GO

CREATE PROCEDURE dbo.sp_delete_session (
    @token_hash NVARCHAR(500)
)
AS
BEGIN
    SET NOCOUNT ON;
    DELETE FROM dbo.app_sessions WHERE token_hash = @token_hash;
END;
GO

CREATE PROCEDURE dbo.sp_cleanup_expired_sessions
AS
BEGIN
    SET NOCOUNT ON;
    DELETE FROM dbo.app_sessions WHERE expires_at <= GETUTCDATE();
END;
GO

-- The satisfaction rate is the mean of feedback, as documented: it lies between -1 and 1.
CREATE PROCEDURE dbo.sp_calculate_workspace_insights (
    @workspace_id UNIQUEIDENTIFIER
)
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    DECLARE @satisfaction_rate FLOAT, @avg_rag_score FLOAT, @low_confidence_count INT;
    DECLARE @total_conversations INT, @total_messages INT;
    SELECT
        @satisfaction_rate = AVG(CAST(m.feedback AS FLOAT)),
        @avg_rag_score = AVG(m.rag_score),
        @low_confidence_count = COUNT(CASE WHEN m.rag_score < 0.5 THEN 1 END),
        @total_messages = COUNT(*)
    FROM dbo.messages AS m
    JOIN dbo.conversations AS c
        ON c.id = m.conversation_id
    WHERE c.workspace_id = @workspace_id;
    SELECT @total_conversations = COUNT(*) FROM dbo.conversations WHERE workspace_id = @workspace_id;
    BEGIN TRANSACTION;
    UPDATE dbo.insights_cache WITH (UPDLOCK, HOLDLOCK)
    SET
        satisfaction_rate = @satisfaction_rate,
        avg_rag_score = @avg_rag_score,
        avg_messages_per_conversation = 1.0 * @total_messages / NULLIF(@total_conversations, 0),
        low_confidence_count = @low_confidence_count,
        total_conversations = @total_conversations,
        total_messages = @total_messages,
        calculated_at = GETUTCDATE()
    WHERE workspace_id = @workspace_id;
    IF @@ROWCOUNT = 0
        INSERT INTO dbo.insights_cache (
            workspace_id, satisfaction_rate, avg_rag_score, avg_messages_per_conversation, low_confidence_count,
            total_conversations, total_messages
        )
        VALUES (
            @workspace_id, @satisfaction_rate, @avg_rag_score, 1.0 * @total_messages / NULLIF(@total_conversations, 0),
            @low_confidence_count, @total_conversations, @total_messages
        );
    COMMIT TRANSACTION;
END;
GO

CREATE PROCEDURE dbo.sp_get_workspace_metrics (
    @workspace_id UNIQUEIDENTIFIER
)
AS
BEGIN
    SET NOCOUNT ON;
    SELECT date, total_conversations, total_messages, unique_visitors, avg_messages_per_conversation,
        avg_response_time_ms, avg_rag_score, satisfaction_rate
    FROM dbo.analytics_daily
    WHERE workspace_id = @workspace_id
    ORDER BY date DESC;
END;
GO

-- What is old, and what becomes of it, the document does not say: here conversations are archived a year after their last
-- message. Nothing offers to call it.
CREATE PROCEDURE dbo.sp_cleanup_old_data
AS
BEGIN
    SET NOCOUNT ON;
    UPDATE dbo.conversations
    SET is_active = 0, archived_at = GETUTCDATE()
    WHERE archived_at IS NULL AND COALESCE(last_message_at, created_at) < DATEADD(YEAR, -1, GETUTCDATE());
END;
GO
