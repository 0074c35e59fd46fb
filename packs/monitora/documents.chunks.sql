-- What a document was cut into, the first two hundred. What they are found by is not read.

SELECT TOP (200)
    k.id,
    k.chunk_index,
    k.token_count,
    LEFT(k.content, 200) AS content
FROM dbo.document_chunks AS k
WHERE k.document_id = TRY_CAST(:key AS uniqueidentifier)
ORDER BY k.chunk_index, k.id;
