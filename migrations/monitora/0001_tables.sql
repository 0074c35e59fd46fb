-- Monitora: the fourteen tables of its document, in its own words, for SQL Server 2016 or newer.
--
-- The document cannot be run as it stands, so this differs from it where it must:
-- * Tables come in the order in which they refer to each other.
-- * FLOAT[] is no type: document_chunks.embedding is NVARCHAR(MAX) with a JSON list.
-- * document_chunks would be reached by two cascades, from documents and from workspaces, which is refused (error 1785).
--   The one from documents is kept; the other key is checked and deletes nothing.
-- * api_keys and response_cache have a trigger that sets updated_at, but no such column in the list of theirs: they get it.
-- * "database" is a reserved word and is written in brackets.
-- * Of messages.feedback the document once allows (-1, 1) or NULL and once (-1, 0, 1): all of them are allowed.
-- Which columns may be NULL the document does not say. Times are UTC.
--
-- GO parts batches, as sqlcmd does: a procedure, a trigger or a view must be the first of its batch.

CREATE TABLE dbo.app_users (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT DF_app_users_id DEFAULT NEWID() CONSTRAINT PK_app_users PRIMARY KEY,
    email NVARCHAR(255) NOT NULL CONSTRAINT UQ_app_users_email UNIQUE,
    password_hash NVARCHAR(500) NOT NULL,
    password_salt NVARCHAR(255) NOT NULL,
    full_name NVARCHAR(255) NULL,
    role NVARCHAR(50) NOT NULL CONSTRAINT DF_app_users_role DEFAULT 'lecteur',
    is_active BIT NOT NULL CONSTRAINT DF_app_users_is_active DEFAULT 1,
    failed_login_attempts INT NOT NULL CONSTRAINT DF_app_users_failed_login_attempts DEFAULT 0,
    locked_until DATETIME2 NULL,
    created_at DATETIME2 NOT NULL CONSTRAINT DF_app_users_created_at DEFAULT GETUTCDATE(),
    updated_at DATETIME2 NOT NULL CONSTRAINT DF_app_users_updated_at DEFAULT GETUTCDATE(),
    last_login_at DATETIME2 NULL,
    CONSTRAINT CHK_app_users_role CHECK (role IN ('admin', 'lecteur'))
);
CREATE INDEX idx_users_email ON dbo.app_users (email);
GO

CREATE TABLE dbo.app_sessions (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT DF_app_sessions_id DEFAULT NEWID() CONSTRAINT PK_app_sessions PRIMARY KEY,
    user_id UNIQUEIDENTIFIER NOT NULL,
    token_hash NVARCHAR(500) NOT NULL CONSTRAINT UQ_app_sessions_token_hash UNIQUE,
    refresh_token_hash NVARCHAR(500) NULL,
    ip_address NVARCHAR(50) NULL,
    user_agent NVARCHAR(500) NULL,
    created_at DATETIME2 NOT NULL CONSTRAINT DF_app_sessions_created_at DEFAULT GETUTCDATE(),
    expires_at DATETIME2 NOT NULL,
    last_activity_at DATETIME2 NULL,
    CONSTRAINT FK_app_sessions_app_users FOREIGN KEY (user_id) REFERENCES dbo.app_users (id) ON DELETE CASCADE
);
CREATE INDEX idx_sessions_token ON dbo.app_sessions (token_hash);
CREATE INDEX idx_sessions_user ON dbo.app_sessions (user_id);
CREATE INDEX idx_sessions_expires ON dbo.app_sessions (expires_at);
GO

CREATE TABLE dbo.profiles (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT PK_profiles PRIMARY KEY,
    avatar_url NVARCHAR(MAX) NULL,
    phone NVARCHAR(20) NULL,
    country NVARCHAR(100) NULL,
    role NVARCHAR(50) NOT NULL CONSTRAINT DF_profiles_role DEFAULT 'admin',
    bio NVARCHAR(MAX) NULL,
    preferences NVARCHAR(MAX) NULL,
    created_at DATETIME2 NOT NULL CONSTRAINT DF_profiles_created_at DEFAULT GETUTCDATE(),
    updated_at DATETIME2 NOT NULL CONSTRAINT DF_profiles_updated_at DEFAULT GETUTCDATE(),
    CONSTRAINT FK_profiles_app_users FOREIGN KEY (id) REFERENCES dbo.app_users (id) ON DELETE CASCADE
);
GO

CREATE TABLE dbo.workspaces (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT DF_workspaces_id DEFAULT NEWID() CONSTRAINT PK_workspaces PRIMARY KEY,
    user_id UNIQUEIDENTIFIER NOT NULL,
    name NVARCHAR(255) NOT NULL,
    description NVARCHAR(MAX) NULL,
    website_url NVARCHAR(MAX) NULL,
    allowed_domains NVARCHAR(MAX) NULL,
    custom_css NVARCHAR(MAX) NULL,
    is_active BIT NOT NULL CONSTRAINT DF_workspaces_is_active DEFAULT 1,
    model NVARCHAR(100) NOT NULL CONSTRAINT DF_workspaces_model DEFAULT 'mistral-small',
    temperature FLOAT NOT NULL CONSTRAINT DF_workspaces_temperature DEFAULT 0.7,
    max_tokens INT NOT NULL CONSTRAINT DF_workspaces_max_tokens DEFAULT 900,
    system_prompt NVARCHAR(MAX) NULL,
    created_at DATETIME2 NOT NULL CONSTRAINT DF_workspaces_created_at DEFAULT GETUTCDATE(),
    updated_at DATETIME2 NOT NULL CONSTRAINT DF_workspaces_updated_at DEFAULT GETUTCDATE(),
    CONSTRAINT FK_workspaces_profiles FOREIGN KEY (user_id) REFERENCES dbo.profiles (id) ON DELETE CASCADE
);
CREATE INDEX idx_workspaces_user_id ON dbo.workspaces (user_id);
GO

CREATE TABLE dbo.documents (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT DF_documents_id DEFAULT NEWID() CONSTRAINT PK_documents PRIMARY KEY,
    workspace_id UNIQUEIDENTIFIER NOT NULL,
    name NVARCHAR(500) NOT NULL,
    file_path NVARCHAR(MAX) NULL,
    file_type NVARCHAR(50) NULL,
    file_size BIGINT NULL,
    is_indexed BIT NOT NULL CONSTRAINT DF_documents_is_indexed DEFAULT 0,
    embedding_model NVARCHAR(100) NULL,
    chunk_count INT NOT NULL CONSTRAINT DF_documents_chunk_count DEFAULT 0,
    created_at DATETIME2 NOT NULL CONSTRAINT DF_documents_created_at DEFAULT GETUTCDATE(),
    updated_at DATETIME2 NOT NULL CONSTRAINT DF_documents_updated_at DEFAULT GETUTCDATE(),
    deleted_at DATETIME2 NULL,
    CONSTRAINT CHK_documents_file_size CHECK (file_size > 0),
    CONSTRAINT FK_documents_workspaces FOREIGN KEY (workspace_id) REFERENCES dbo.workspaces (id) ON DELETE CASCADE
);
CREATE INDEX idx_documents_workspace_id ON dbo.documents (workspace_id);
GO

CREATE TABLE dbo.document_chunks (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT DF_document_chunks_id DEFAULT NEWID()
        CONSTRAINT PK_document_chunks PRIMARY KEY,
    document_id UNIQUEIDENTIFIER NOT NULL,
    workspace_id UNIQUEIDENTIFIER NOT NULL,
    chunk_index INT NOT NULL,
    content NVARCHAR(MAX) NOT NULL,
    token_count INT NULL,
    embedding NVARCHAR(MAX) NULL,
    created_at DATETIME2 NOT NULL CONSTRAINT DF_document_chunks_created_at DEFAULT GETUTCDATE(),
    CONSTRAINT FK_document_chunks_documents FOREIGN KEY (document_id) REFERENCES dbo.documents (id) ON DELETE CASCADE,
    CONSTRAINT FK_document_chunks_workspaces FOREIGN KEY (workspace_id) REFERENCES dbo.workspaces (id)
);
CREATE INDEX idx_document_chunks_document ON dbo.document_chunks (document_id);
CREATE INDEX idx_document_chunks_workspace ON dbo.document_chunks (workspace_id);
GO

CREATE TABLE dbo.conversations (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT DF_conversations_id DEFAULT NEWID()
        CONSTRAINT PK_conversations PRIMARY KEY,
    workspace_id UNIQUEIDENTIFIER NOT NULL,
    visitor_id NVARCHAR(255) NOT NULL,
    visitor_name NVARCHAR(255) NULL,
    visitor_email NVARCHAR(255) NULL,
    title NVARCHAR(500) NULL,
    is_active BIT NOT NULL CONSTRAINT DF_conversations_is_active DEFAULT 1,
    message_count INT NOT NULL CONSTRAINT DF_conversations_message_count DEFAULT 0,
    last_message_at DATETIME2 NULL,
    created_at DATETIME2 NOT NULL CONSTRAINT DF_conversations_created_at DEFAULT GETUTCDATE(),
    updated_at DATETIME2 NOT NULL CONSTRAINT DF_conversations_updated_at DEFAULT GETUTCDATE(),
    archived_at DATETIME2 NULL,
    CONSTRAINT FK_conversations_workspaces FOREIGN KEY (workspace_id) REFERENCES dbo.workspaces (id) ON DELETE CASCADE
);
CREATE INDEX idx_conversations_workspace ON dbo.conversations (workspace_id);
CREATE INDEX idx_conversations_visitor ON dbo.conversations (workspace_id, visitor_id);
GO

CREATE TABLE dbo.messages (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT DF_messages_id DEFAULT NEWID() CONSTRAINT PK_messages PRIMARY KEY,
    conversation_id UNIQUEIDENTIFIER NOT NULL,
    role NVARCHAR(20) NOT NULL,
    content NVARCHAR(MAX) NOT NULL,
    tokens_used INT NULL,
    response_time_ms INT NULL,
    rag_score FLOAT NULL,
    rag_sources NVARCHAR(MAX) NULL,
    feedback INT NULL,
    is_resolved BIT NOT NULL CONSTRAINT DF_messages_is_resolved DEFAULT 0,
    metadata NVARCHAR(MAX) NULL,
    created_at DATETIME2 NOT NULL CONSTRAINT DF_messages_created_at DEFAULT GETUTCDATE(),
    updated_at DATETIME2 NOT NULL CONSTRAINT DF_messages_updated_at DEFAULT GETUTCDATE(),
    CONSTRAINT CHK_messages_rag_score CHECK (rag_score BETWEEN 0 AND 1),
    CONSTRAINT CHK_messages_feedback CHECK (feedback IN (-1, 0, 1) OR feedback IS NULL),
    CONSTRAINT FK_messages_conversations FOREIGN KEY (conversation_id) REFERENCES dbo.conversations (id)
        ON DELETE CASCADE
);
CREATE INDEX idx_messages_conversation_created ON dbo.messages (conversation_id, created_at);
GO

CREATE TABLE dbo.message_topics (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT DF_message_topics_id DEFAULT NEWID()
        CONSTRAINT PK_message_topics PRIMARY KEY,
    workspace_id UNIQUEIDENTIFIER NOT NULL,
    topic_name NVARCHAR(255) NOT NULL,
    message_count INT NOT NULL CONSTRAINT DF_message_topics_message_count DEFAULT 0,
    sample_questions NVARCHAR(MAX) NULL,
    created_at DATETIME2 NOT NULL CONSTRAINT DF_message_topics_created_at DEFAULT GETUTCDATE(),
    updated_at DATETIME2 NOT NULL CONSTRAINT DF_message_topics_updated_at DEFAULT GETUTCDATE(),
    CONSTRAINT UQ_message_topics_workspace_topic UNIQUE (workspace_id, topic_name),
    CONSTRAINT FK_message_topics_workspaces FOREIGN KEY (workspace_id) REFERENCES dbo.workspaces (id) ON DELETE CASCADE
);
CREATE INDEX idx_message_topics_workspace ON dbo.message_topics (workspace_id);
GO

CREATE TABLE dbo.response_cache (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT DF_response_cache_id DEFAULT NEWID()
        CONSTRAINT PK_response_cache PRIMARY KEY,
    workspace_id UNIQUEIDENTIFIER NOT NULL,
    question_hash NVARCHAR(255) NOT NULL,
    original_question NVARCHAR(MAX) NULL,
    cached_response NVARCHAR(MAX) NULL,
    ttl_seconds INT NULL,
    hit_count INT NOT NULL CONSTRAINT DF_response_cache_hit_count DEFAULT 0,
    created_at DATETIME2 NOT NULL CONSTRAINT DF_response_cache_created_at DEFAULT GETUTCDATE(),
    updated_at DATETIME2 NOT NULL CONSTRAINT DF_response_cache_updated_at DEFAULT GETUTCDATE(),
    expires_at DATETIME2 NULL,
    CONSTRAINT FK_response_cache_workspaces FOREIGN KEY (workspace_id) REFERENCES dbo.workspaces (id) ON DELETE CASCADE
);
CREATE INDEX idx_response_cache_workspace ON dbo.response_cache (workspace_id);
CREATE INDEX idx_response_cache_hash ON dbo.response_cache (workspace_id, question_hash);
GO

CREATE TABLE dbo.analytics_daily (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT DF_analytics_daily_id DEFAULT NEWID()
        CONSTRAINT PK_analytics_daily PRIMARY KEY,
    workspace_id UNIQUEIDENTIFIER NOT NULL,
    date DATE NOT NULL,
    total_conversations INT NOT NULL CONSTRAINT DF_analytics_daily_total_conversations DEFAULT 0,
    total_messages INT NOT NULL CONSTRAINT DF_analytics_daily_total_messages DEFAULT 0,
    unique_visitors INT NOT NULL CONSTRAINT DF_analytics_daily_unique_visitors DEFAULT 0,
    avg_messages_per_conversation FLOAT NULL,
    avg_response_time_ms FLOAT NULL,
    avg_rag_score FLOAT NULL,
    satisfaction_rate FLOAT NULL,
    created_at DATETIME2 NOT NULL CONSTRAINT DF_analytics_daily_created_at DEFAULT GETUTCDATE(),
    updated_at DATETIME2 NOT NULL CONSTRAINT DF_analytics_daily_updated_at DEFAULT GETUTCDATE(),
    CONSTRAINT UQ_analytics_daily_workspace_date UNIQUE (workspace_id, date),
    CONSTRAINT FK_analytics_daily_workspaces FOREIGN KEY (workspace_id) REFERENCES dbo.workspaces (id) ON DELETE CASCADE
);
CREATE INDEX idx_analytics_workspace_date ON dbo.analytics_daily (workspace_id, date);
GO

CREATE TABLE dbo.insights_cache (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT DF_insights_cache_id DEFAULT NEWID()
        CONSTRAINT PK_insights_cache PRIMARY KEY,
    workspace_id UNIQUEIDENTIFIER NOT NULL CONSTRAINT UQ_insights_cache_workspace UNIQUE,
    satisfaction_rate FLOAT NULL,
    avg_rag_score FLOAT NULL,
    avg_messages_per_conversation FLOAT NULL,
    low_confidence_count INT NOT NULL CONSTRAINT DF_insights_cache_low_confidence_count DEFAULT 0,
    total_conversations INT NOT NULL CONSTRAINT DF_insights_cache_total_conversations DEFAULT 0,
    total_messages INT NOT NULL CONSTRAINT DF_insights_cache_total_messages DEFAULT 0,
    calculated_at DATETIME2 NOT NULL CONSTRAINT DF_insights_cache_calculated_at DEFAULT GETUTCDATE(),
    CONSTRAINT FK_insights_cache_workspaces FOREIGN KEY (workspace_id) REFERENCES dbo.workspaces (id) ON DELETE CASCADE
);
GO

CREATE TABLE dbo.api_keys (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT DF_api_keys_id DEFAULT NEWID() CONSTRAINT PK_api_keys PRIMARY KEY,
    workspace_id UNIQUEIDENTIFIER NOT NULL,
    name NVARCHAR(255) NOT NULL,
    key_prefix NVARCHAR(20) NOT NULL,
    key_hash NVARCHAR(255) NOT NULL CONSTRAINT UQ_api_keys_key_hash UNIQUE,
    last_used_at DATETIME2 NULL,
    expires_at DATETIME2 NULL,
    created_at DATETIME2 NOT NULL CONSTRAINT DF_api_keys_created_at DEFAULT GETUTCDATE(),
    updated_at DATETIME2 NOT NULL CONSTRAINT DF_api_keys_updated_at DEFAULT GETUTCDATE(),
    CONSTRAINT FK_api_keys_workspaces FOREIGN KEY (workspace_id) REFERENCES dbo.workspaces (id) ON DELETE CASCADE
);
CREATE INDEX idx_api_keys_workspace_id ON dbo.api_keys (workspace_id);
CREATE INDEX idx_api_keys_key_prefix ON dbo.api_keys (key_prefix);
GO

CREATE TABLE dbo.workspace_databases (
    id UNIQUEIDENTIFIER NOT NULL CONSTRAINT DF_workspace_databases_id DEFAULT NEWID()
        CONSTRAINT PK_workspace_databases PRIMARY KEY,
    workspace_id UNIQUEIDENTIFIER NOT NULL,
    name NVARCHAR(255) NOT NULL,
    db_type NVARCHAR(50) NOT NULL,
    host NVARCHAR(255) NOT NULL,
    port INT NULL,
    [database] NVARCHAR(255) NOT NULL,
    username NVARCHAR(255) NULL,
    password_encrypted NVARCHAR(500) NULL,
    description NVARCHAR(MAX) NULL,
    is_active BIT NOT NULL CONSTRAINT DF_workspace_databases_is_active DEFAULT 1,
    created_at DATETIME2 NOT NULL CONSTRAINT DF_workspace_databases_created_at DEFAULT GETUTCDATE(),
    updated_at DATETIME2 NOT NULL CONSTRAINT DF_workspace_databases_updated_at DEFAULT GETUTCDATE(),
    CONSTRAINT CHK_db_type CHECK (db_type IN ('sqlserver', 'mysql', 'postgres')),
    CONSTRAINT FK_workspace_databases_workspaces FOREIGN KEY (workspace_id) REFERENCES dbo.workspaces (id)
        ON DELETE CASCADE
);
CREATE INDEX idx_workspace_databases_workspace ON dbo.workspace_databases (workspace_id);
GO
