-- Documents, and whether answers can be found in them. What a chunk is found by is not read.

WITH cut AS (
    SELECT
        k.document_id,
        COUNT(*) AS chunks
    FROM dbo.document_chunks AS k
    GROUP BY k.document_id
)
SELECT TOP (5000)
    judged.severity,
    found.reason,
    d.id,
    d.workspace_id,
    w.name AS workspace,
    LEFT(d.name, 200) AS name,
    d.file_type,
    d.file_size,
    d.is_indexed,
    d.embedding_model,
    d.chunk_count,
    COALESCE(cut.chunks, 0) AS chunks,
    d.created_at,
    d.deleted_at
FROM dbo.documents AS d
LEFT JOIN dbo.workspaces AS w
    ON w.id = d.workspace_id
LEFT JOIN cut
    ON cut.document_id = d.id
CROSS APPLY (
    SELECT CASE
        WHEN d.deleted_at IS NOT NULL AND cut.chunks > 0 THEN 'deleted_found'
        WHEN d.deleted_at IS NOT NULL THEN 'deleted'
        WHEN d.is_indexed = 1 AND cut.chunks IS NULL THEN 'no_chunk'
        WHEN d.is_indexed = 0
            AND d.created_at < DATEADD(MINUTE, -CAST(:index_minutes AS int), SYSUTCDATETIME()) THEN 'not_indexed'
        WHEN d.is_indexed = 1 AND d.chunk_count <> cut.chunks THEN 'miscounted'
    END AS reason
) AS found
CROSS APPLY (
    SELECT CASE found.reason
        WHEN 'no_chunk' THEN 'crit'
        WHEN 'deleted_found' THEN 'warn'
        WHEN 'not_indexed' THEN 'warn'
        WHEN 'miscounted' THEN 'warn'
        WHEN 'deleted' THEN 'off'
        ELSE 'ok'
    END AS severity
) AS judged
WHERE {{is_workspace(id => d.workspace_id)}}
    AND (:state = 'all'
        OR :state = 'deleted' AND d.deleted_at IS NOT NULL
        OR :state = 'live' AND d.deleted_at IS NULL
        OR :state = 'not indexed' AND d.deleted_at IS NULL AND d.is_indexed = 0)
    AND {{found_in(text => CONCAT_WS(' ', d.name, w.name, d.file_type))}}
ORDER BY {{worst_first(severity => judged.severity)}}, d.created_at DESC, d.id;
