-- Whether the database keeps its promises: keys that cascade, what is unique, what is checked, what is indexed, and counters
-- against what they count.
--
-- Documented names are few, so an object is known by its tables and columns. A column whose values are secret is called
-- "digest" here; doctor holds those with their names.

WITH promised (kind, table_name, columns, refers_to) AS (
    SELECT p.kind, p.table_name, p.columns, p.refers_to
    FROM (
        VALUES
            ('cascade', 'app_sessions', 'user_id', 'app_users'),
            ('cascade', 'profiles', 'id', 'app_users'),
            ('cascade', 'workspaces', 'user_id', 'profiles'),
            ('cascade', 'documents', 'workspace_id', 'workspaces'),
            ('cascade', 'document_chunks', 'document_id', 'documents'),
            ('cascade', 'conversations', 'workspace_id', 'workspaces'),
            ('cascade', 'messages', 'conversation_id', 'conversations'),
            ('cascade', 'message_topics', 'workspace_id', 'workspaces'),
            ('cascade', 'response_cache', 'workspace_id', 'workspaces'),
            ('cascade', 'analytics_daily', 'workspace_id', 'workspaces'),
            ('cascade', 'insights_cache', 'workspace_id', 'workspaces'),
            ('cascade', 'api_keys', 'workspace_id', 'workspaces'),
            ('cascade', 'workspace_databases', 'workspace_id', 'workspaces'),
            -- A second way to delete a chunk, which SQL Server refuses to cascade: it only has to be there.
            ('reference', 'document_chunks', 'workspace_id', 'workspaces'),
            ('unique', 'app_users', 'email', NULL),
            ('unique', 'api_keys', 'digest', NULL),
            ('unique', 'app_sessions', 'digest', NULL),
            ('unique', 'message_topics', 'workspace_id,topic_name', NULL),
            ('unique', 'analytics_daily', 'workspace_id,date', NULL),
            ('unique', 'insights_cache', 'workspace_id', NULL),
            ('check', 'messages', 'rag_score', NULL),
            ('check', 'messages', 'feedback', NULL),
            ('check', 'app_users', 'role', NULL),
            ('check', 'workspace_databases', 'db_type', NULL),
            ('check', 'documents', 'file_size', NULL),
            ('index', 'app_users', 'email', NULL),
            ('index', 'app_sessions', 'digest', NULL),
            ('index', 'app_sessions', 'user_id', NULL),
            ('index', 'app_sessions', 'expires_at', NULL),
            ('index', 'workspaces', 'user_id', NULL),
            ('index', 'documents', 'workspace_id', NULL),
            ('index', 'document_chunks', 'document_id', NULL),
            ('index', 'document_chunks', 'workspace_id', NULL),
            ('index', 'conversations', 'workspace_id', NULL),
            ('index', 'conversations', 'workspace_id,visitor_id', NULL),
            ('index', 'messages', 'conversation_id,created_at', NULL),
            ('index', 'message_topics', 'workspace_id', NULL),
            ('index', 'response_cache', 'workspace_id', NULL),
            ('index', 'response_cache', 'workspace_id,digest', NULL),
            ('index', 'analytics_daily', 'workspace_id,date', NULL),
            ('index', 'insights_cache', 'workspace_id', NULL),
            ('index', 'api_keys', 'workspace_id', NULL),
            ('index', 'api_keys', 'key_prefix', NULL),
            ('index', 'workspace_databases', 'workspace_id', NULL)
    ) AS p (kind, table_name, columns, refers_to)
),
reference AS (
    SELECT
        OBJECT_NAME(f.parent_object_id) AS table_name,
        LOWER(COL_NAME(c.parent_object_id, c.parent_column_id)) AS column_name,
        OBJECT_NAME(f.referenced_object_id) AS refers_to,
        f.is_disabled,
        f.is_not_trusted,
        f.delete_referential_action_desc AS on_delete
    FROM sys.foreign_keys AS f
    JOIN sys.foreign_key_columns AS c
        ON c.constraint_object_id = f.object_id
),
indexed AS (
    SELECT
        OBJECT_NAME(i.object_id) AS table_name,
        i.is_unique,
        i.is_disabled,
        STRING_AGG(
            CASE
                WHEN c.name LIKE '%[_]hash' AND c.name NOT LIKE 'refresh%' THEN 'digest'
                ELSE LOWER(c.name)
            END,
            ','
        ) WITHIN GROUP (ORDER BY k.key_ordinal) AS columns
    FROM sys.indexes AS i
    JOIN sys.index_columns AS k
        ON k.object_id = i.object_id
        AND k.index_id = i.index_id
        AND k.is_included_column = 0
    JOIN sys.columns AS c
        ON c.object_id = k.object_id
        AND c.column_id = k.column_id
    JOIN sys.tables AS t
        ON t.object_id = i.object_id
        AND t.schema_id = SCHEMA_ID('dbo')
    WHERE i.has_filter = 0
    GROUP BY i.object_id, i.index_id, i.is_unique, i.is_disabled
),
checked AS (
    SELECT
        OBJECT_NAME(k.parent_object_id) AS table_name,
        LOWER(u.COLUMN_NAME) AS column_name,
        k.is_disabled,
        k.is_not_trusted
    FROM sys.check_constraints AS k
    JOIN INFORMATION_SCHEMA.CONSTRAINT_COLUMN_USAGE AS u
        ON u.CONSTRAINT_NAME = k.name
        AND u.TABLE_NAME = OBJECT_NAME(k.parent_object_id)
),
object_found AS (
    SELECT
        p.kind,
        CONCAT(p.table_name, ' (', p.columns, ')', ' -> ' + p.refers_to) AS item,
        CASE
            WHEN OBJECT_ID(CONCAT('dbo.', p.table_name), 'U') IS NULL THEN 'not_visible'
            WHEN p.kind IN ('cascade', 'reference') THEN CASE
                WHEN r.table_name IS NULL THEN 'missing'
                WHEN r.is_disabled = 1 THEN 'disabled'
                WHEN r.is_not_trusted = 1 THEN 'not_trusted'
                WHEN p.kind = 'cascade' AND r.on_delete <> 'CASCADE' THEN 'no_cascade'
            END
            WHEN p.kind = 'check' THEN CASE
                WHEN k.table_name IS NULL THEN 'missing'
                WHEN k.is_disabled = 1 THEN 'disabled'
                WHEN k.is_not_trusted = 1 THEN 'not_trusted'
            END
            WHEN i.table_name IS NULL THEN 'missing'
            WHEN i.is_disabled = 1 THEN 'disabled'
        END AS reason,
        CAST(NULL AS bigint) AS wrong,
        CAST(NULL AS bigint) AS total
    FROM promised AS p
    LEFT JOIN reference AS r
        ON p.kind IN ('cascade', 'reference')
        AND r.table_name = p.table_name
        AND r.column_name = p.columns
        AND r.refers_to = p.refers_to
    LEFT JOIN checked AS k
        ON p.kind = 'check'
        AND k.table_name = p.table_name
        AND k.column_name = p.columns
    OUTER APPLY (
        SELECT TOP (1)
            n.table_name,
            n.is_disabled
        FROM indexed AS n
        WHERE p.kind IN ('unique', 'index')
            AND n.table_name = p.table_name
            AND n.columns = p.columns
            AND (p.kind = 'index' OR n.is_unique = 1)
        ORDER BY n.is_disabled
    ) AS i
),
said AS (
    SELECT m.conversation_id, COUNT(*) AS messages
    FROM dbo.messages AS m
    GROUP BY m.conversation_id
),
counter (item, wrong, total) AS (
    SELECT
        'conversations.message_count',
        COUNT(CASE WHEN c.message_count <> COALESCE(said.messages, 0) THEN 1 END),
        COUNT(*)
    FROM dbo.conversations AS c
    LEFT JOIN said
        ON said.conversation_id = c.id
    UNION ALL
    SELECT
        'documents.chunk_count',
        COUNT(CASE WHEN d.chunk_count <> COALESCE(cut.chunks, 0) THEN 1 END),
        COUNT(*)
    FROM dbo.documents AS d
    LEFT JOIN (
        SELECT n.document_id, COUNT(*) AS chunks
        FROM dbo.document_chunks AS n
        GROUP BY n.document_id
    ) AS cut
        ON cut.document_id = d.id
    WHERE d.deleted_at IS NULL
    UNION ALL
    SELECT
        'insights_cache.total_messages',
        COUNT(CASE WHEN i.total_messages <> COALESCE(spoken.messages, 0) THEN 1 END),
        COUNT(*)
    FROM dbo.insights_cache AS i
    LEFT JOIN (
        SELECT c.workspace_id, SUM(said.messages) AS messages
        FROM dbo.conversations AS c
        JOIN said
            ON said.conversation_id = c.id
        GROUP BY c.workspace_id
    ) AS spoken
        ON spoken.workspace_id = i.workspace_id
),
counted_day AS (
    SELECT c.workspace_id, CAST(m.created_at AS date) AS day, COUNT(*) AS messages
    FROM dbo.messages AS m
    JOIN dbo.conversations AS c
        ON c.id = m.conversation_id
    WHERE m.created_at >= DATEADD(DAY, -7, CAST(SYSUTCDATETIME() AS date))
    GROUP BY c.workspace_id, CAST(m.created_at AS date)
),
fact (rank, kind, item, reason, wrong, total) AS (
    SELECT
        CASE kind WHEN 'cascade' THEN 1 WHEN 'reference' THEN 2 WHEN 'unique' THEN 3 WHEN 'check' THEN 4 ELSE 5 END,
        kind,
        item,
        reason,
        wrong,
        total
    FROM object_found
    UNION ALL
    SELECT 6, 'counter', item, CASE WHEN wrong > 0 THEN 'miscounted' END, wrong, total
    FROM counter
    UNION ALL
    SELECT 6, 'counter', 'message_topics.message_count', 'not_countable', NULL, COUNT(*)
    FROM dbo.message_topics
    UNION ALL
    SELECT
        7,
        'day',
        'analytics_daily.total_messages, the last 7 days',
        CASE WHEN COUNT(CASE WHEN a.total_messages <> d.messages THEN 1 END) > 0 THEN 'miscounted' END,
        COUNT(CASE WHEN a.total_messages <> d.messages THEN 1 END),
        COUNT(a.id)
    FROM counted_day AS d
    LEFT JOIN dbo.analytics_daily AS a
        ON a.workspace_id = d.workspace_id
        AND a.date = d.day
    UNION ALL
    SELECT
        7,
        'day',
        'days with messages and without a row, the last 7',
        CASE WHEN COUNT(CASE WHEN a.id IS NULL THEN 1 END) > 0 THEN 'no_day' END,
        COUNT(CASE WHEN a.id IS NULL THEN 1 END),
        COUNT(*)
    FROM counted_day AS d
    LEFT JOIN dbo.analytics_daily AS a
        ON a.workspace_id = d.workspace_id
        AND a.date = d.day
    UNION ALL
    SELECT
        7,
        'day',
        'days with several rows',
        CASE WHEN COUNT(*) > 0 THEN 'repeated_day' END,
        COUNT(*),
        NULL
    FROM (
        SELECT r.workspace_id, r.date
        FROM dbo.analytics_daily AS r
        GROUP BY r.workspace_id, r.date
        HAVING COUNT(*) > 1
    ) AS repeated
    UNION ALL
    SELECT
        8,
        'chunk',
        'chunks of another workspace than their document',
        CASE WHEN COUNT(*) > 0 THEN 'strange_chunk' END,
        COUNT(*),
        NULL
    FROM dbo.document_chunks AS n
    JOIN dbo.documents AS d
        ON d.id = n.document_id
    WHERE n.workspace_id <> d.workspace_id
)
SELECT
    CASE
        WHEN reason IS NULL THEN 'ok'
        WHEN reason = 'not_countable' THEN 'off'
        WHEN reason = 'not_visible' THEN 'unknown'
        -- Without them rows are there twice, or stay when what they belong to is gone.
        WHEN kind IN ('cascade', 'unique') AND reason IN ('missing', 'disabled') THEN 'crit'
        WHEN reason = 'repeated_day' THEN 'crit'
        ELSE 'warn'
    END AS severity,
    reason,
    kind,
    item,
    wrong,
    total
FROM fact
WHERE :kind = 'all' OR :kind = kind
ORDER BY rank, item;
