-- The procedures, triggers and views that the document lists, each with what it is for; parts of a WITH. Its totals differ
-- from each other and from these lists: the lists count.
listed (kind, name, parent, is_possible, used_by) AS (
    SELECT l.kind, l.name, l.parent, l.is_possible, l.used_by
    FROM (
        VALUES
            ('procedure', 'sp_create_user', CAST(NULL AS nvarchar(60)), 1, 'registration'),
            ('procedure', 'sp_get_user_for_auth', NULL, 1, 'login; it returns what passwords are checked against'),
            ('procedure', 'sp_update_last_login', NULL, 1, 'login'),
            ('procedure', 'sp_create_session', NULL, 1, 'login'),
            ('procedure', 'sp_validate_session', NULL, 1, 'every request'),
            ('procedure', 'sp_delete_session', NULL, 1, 'logout'),
            ('procedure', 'sp_cleanup_expired_sessions', NULL, 1, 'a job; Sessions offers it'),
            ('procedure', 'sp_calculate_workspace_insights', NULL, 1, 'the owners'' dashboard; Insights offers it'),
            ('procedure', 'sp_get_workspace_metrics', NULL, 1, 'the owners'' dashboard'),
            ('procedure', 'sp_cleanup_old_data', NULL, 1, 'nobody says what is old: it is not offered'),
            ('trigger', 'trg_users_updated_at', 'app_users', 1, 'updated_at'),
            ('trigger', 'trg_profiles_updated_at', 'profiles', 1, 'updated_at'),
            ('trigger', 'trg_workspaces_updated_at', 'workspaces', 1, 'updated_at'),
            ('trigger', 'trg_workspace_databases_updated_at', 'workspace_databases', 1, 'updated_at'),
            ('trigger', 'trg_documents_updated_at', 'documents', 1, 'updated_at'),
            ('trigger', 'trg_document_deletion', 'documents', 1, 'chunks of a document that is deleted, not of one marked so'),
            ('trigger', 'trg_conversations_updated_at', 'conversations', 1, 'updated_at'),
            ('trigger', 'trg_update_conversation_message_count', 'messages', 1, 'message_count, last_message_at'),
            ('trigger', 'trg_messages_updated_at', 'messages', 1, 'updated_at'),
            ('trigger', 'trg_message_insert_analytics', 'messages', 1, 'analytics_daily.total_messages'),
            ('trigger', 'trg_update_cache_on_message', 'messages', 1, 'insights_cache.total_messages'),
            ('trigger', 'trg_analytics_daily_updated_at', 'analytics_daily', 1, 'updated_at'),
            ('trigger', 'trg_response_cache_updated_at', 'response_cache', 1, 'updated_at, which the document does not list'),
            ('trigger', 'trg_response_cache_expiry', 'response_cache', 1, 'expires_at'),
            ('trigger', 'trg_api_keys_updated_at', 'api_keys', 1, 'updated_at, which the document does not list'),
            ('trigger', 'trg_api_key_expiry_check', 'api_keys', 0, 'keys that have ended, before SELECT'),
            ('view', 'vw_workspace_stats', NULL, 1, 'the main dashboard'),
            ('view', 'vw_user_workspaces', NULL, 1, 'the workspaces of a user'),
            ('view', 'vw_daily_metrics', NULL, 1, 'charts')
    ) AS l (kind, name, parent, is_possible, used_by)
)
