-- One document.

SELECT
    d.id,
    w.name AS workspace,
    d.name,
    d.file_type,
    d.file_size,
    LEFT(d.file_path, 1000) AS file_path,
    d.is_indexed,
    d.embedding_model,
    d.chunk_count,
    cut.chunks,
    cut.tokens,
    d.created_at,
    d.updated_at,
    d.deleted_at
FROM dbo.documents AS d
LEFT JOIN dbo.workspaces AS w
    ON w.id = d.workspace_id
OUTER APPLY (
    SELECT
        COUNT(*) AS chunks,
        SUM(k.token_count) AS tokens
    FROM dbo.document_chunks AS k
    WHERE k.document_id = d.id
) AS cut
WHERE d.id = TRY_CAST(:key AS uniqueidentifier);
