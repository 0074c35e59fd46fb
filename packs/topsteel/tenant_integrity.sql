-- Rows in one société's database that say that they are another's, in every table that has a societe_id.

WITH counted AS MATERIALIZED (
    SELECT
        t.relname AS name,
        query_to_xml(format(
            'SELECT count(*) AS n, array_to_string((array_agg(societe_id::text || '' '' || id::text ORDER BY id))[1:3], '', '') AS ids '
                || 'FROM %I.%I WHERE societe_id::text IS DISTINCT FROM %L',
            'public', t.relname, :societe_id::text
        ), true, true, '') AS answer
    FROM pg_class AS t
    JOIN pg_attribute AS a
        ON a.attrelid = t.oid
        AND a.attname = 'societe_id'
        AND NOT a.attisdropped
    WHERE t.relkind IN ('r', 'p')
        AND t.relnamespace = 'public'::regnamespace
        AND :societe_id::text IS NOT NULL
),
foreign_row AS (
    SELECT
        sum((xpath('/row/n/text()', c.answer))[1]::text::bigint) AS total,
        string_agg(c.name || ' ' || (xpath('/row/n/text()', c.answer))[1]::text, ', ' ORDER BY c.name)
            FILTER (WHERE (xpath('/row/n/text()', c.answer))[1]::text <> '0') AS tables,
        string_agg((xpath('/row/ids/text()', c.answer))[1]::text, ', ' ORDER BY c.name) AS ids
    FROM counted AS c
)
SELECT
    CASE WHEN :societe_id::text IS NULL THEN 'unknown' WHEN f.total > 0 THEN 'crit' ELSE 'ok' END AS severity,
    CASE WHEN :societe_id::text IS NULL THEN 'whose' WHEN f.total > 0 THEN 'foreign_rows' END AS reason,
    f.total AS foreign_rows,
    f.tables,
    f.ids,
    :societe_id::text AS societe_id
FROM foreign_row AS f;
