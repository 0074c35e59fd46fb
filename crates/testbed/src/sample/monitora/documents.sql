-- What answers are found in, and what was answered before: every finding of the views documents, response_cache and topics.

DECLARE @now DATETIME2 = ':now';

INSERT INTO dbo.documents (
    id, workspace_id, name, file_path, file_type, file_size, is_indexed, embedding_model, chunk_count, created_at, deleted_at
)
VALUES
    ('f0000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000001', N'prices.pdf', N'/files/1', N'application/pdf', 120000, 1, N'mistral-embed', 3, DATEADD(DAY, -30, @now), NULL),
    ('f0000000-0000-0000-0000-000000000002', 'b0000000-0000-0000-0000-000000000001', N'empty.docx', N'/files/2', N'application/docx', 900, 1, N'mistral-embed', 4, DATEADD(DAY, -20, @now), NULL),
    ('f0000000-0000-0000-0000-000000000003', 'b0000000-0000-0000-0000-000000000002', N'waiting.txt', N'/files/3', N'text/plain', 10, 0, NULL, 0, DATEADD(HOUR, -2, @now), NULL),
    ('f0000000-0000-0000-0000-000000000004', 'b0000000-0000-0000-0000-000000000002', N'just now.txt', N'/files/4', N'text/plain', 10, 0, NULL, 0, DATEADD(MINUTE, -1, @now), NULL),
    -- It is marked as deleted, and no trigger fires: its chunks stay, and answers are still found in them.
    ('f0000000-0000-0000-0000-000000000005', 'b0000000-0000-0000-0000-000000000001', N'withdrawn.pdf', N'/files/5', N'application/pdf', 70000, 1, N'mistral-embed', 2, DATEADD(DAY, -40, @now), DATEADD(DAY, -1, @now)),
    ('f0000000-0000-0000-0000-000000000006', 'b0000000-0000-0000-0000-000000000001', N'gone.pdf', N'/files/6', N'application/pdf', 70000, 1, N'mistral-embed', 2, DATEADD(DAY, -50, @now), DATEADD(DAY, -9, @now)),
    ('f0000000-0000-0000-0000-000000000007', 'b0000000-0000-0000-0000-000000000002', N'miscounted.pdf', NULL, N'application/pdf', NULL, 1, N'mistral-embed', 9, DATEADD(DAY, -10, @now), NULL);

INSERT INTO dbo.document_chunks (document_id, workspace_id, chunk_index, content, token_count, embedding)
VALUES
    ('f0000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000001', 0, N'Shoes cost 50.', 5, N'[0.11, 0.12]'),
    ('f0000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000001', 1, REPLICATE(CAST(N'Laces cost 5. ' AS NVARCHAR(MAX)), 1000), 3000, N'[0.21, 0.22]'),
    ('f0000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000001', 2, N'Socks: « 3 € ».', 5, NULL),
    ('f0000000-0000-0000-0000-000000000005', 'b0000000-0000-0000-0000-000000000001', 0, N'Prices of last year', 4, N'[0.31]'),
    ('f0000000-0000-0000-0000-000000000005', 'b0000000-0000-0000-0000-000000000001', 1, N'More of them', 3, N'[0.32]'),
    ('f0000000-0000-0000-0000-000000000007', 'b0000000-0000-0000-0000-000000000002', 0, N'One of nine', 3, N'[0.41]'),
    -- Of another workspace than its document: answers of the shop are found in what the help desk knows.
    ('f0000000-0000-0000-0000-000000000007', 'b0000000-0000-0000-0000-000000000001', 1, N'Another one of nine', 4, N'[0.42]');

-- A trigger sets when they end, from created_at and ttl_seconds.
INSERT INTO dbo.response_cache (
    id, workspace_id, question_hash, original_question, cached_response, ttl_seconds, hit_count, created_at
)
VALUES
    ('c0000000-0000-0000-0000-000000000001', 'b0000000-0000-0000-0000-000000000001', N'SECRET-QUESTION-1', N'What do shoes cost?', N'50.', 86400, 12, DATEADD(HOUR, -1, @now)),
    ('c0000000-0000-0000-0000-000000000002', 'b0000000-0000-0000-0000-000000000001', N'SECRET-QUESTION-2', N'Are you open?', N'Always.', 3600, 3, DATEADD(HOUR, -5, @now)),
    ('c0000000-0000-0000-0000-000000000003', 'b0000000-0000-0000-0000-000000000002', N'SECRET-QUESTION-3', N'Is this a question?', N'Yes.', 3600, 0, DATEADD(DAY, -5, @now)),
    ('c0000000-0000-0000-0000-000000000004', 'b0000000-0000-0000-0000-000000000002', N'SECRET-QUESTION-4', N'Without an end', N'Yes.', NULL, 7, DATEADD(DAY, -5, @now)),
    ('c0000000-0000-0000-0000-000000000005', 'b0000000-0000-0000-0000-000000000002', N'SECRET-QUESTION-5', N'Whose end nobody set', N'No.', 60, 7, DATEADD(DAY, -5, @now));
UPDATE dbo.response_cache SET expires_at = NULL WHERE id = 'c0000000-0000-0000-0000-000000000005';

INSERT INTO dbo.message_topics (workspace_id, topic_name, message_count, sample_questions)
VALUES
    ('b0000000-0000-0000-0000-000000000001', N'Prices', 40, N'["What do shoes cost?", "And laces?"]'),
    ('b0000000-0000-0000-0000-000000000001', N'Returns', 10, NULL),
    ('b0000000-0000-0000-0000-000000000002', N'Passwords', 5, N'[]'),
    ('b0000000-0000-0000-0000-000000000002', N'Nothing', 0, NULL);
GO
