-- The statements of this database that took the most time, by pg_stat_statements.
-- Without the extension one row says what is missing.

WITH {{pg_stat_statements(
    length => 4000,
    narrowed => 'ORDER BY coalesce(to_jsonb(p) ->> ''total_exec_time'', to_jsonb(p) ->> ''total_time'')::float8 DESC LIMIT 200'
)}},
told AS MATERIALIZED (
    SELECT
        found.statements,
        CASE
            WHEN NOT is_created AND NOT is_loaded THEN 'not_installed'
            WHEN NOT is_loaded THEN 'not_loaded_by_server'
            WHEN NOT is_created THEN 'not_created'
            WHEN NOT is_readable THEN 'not_readable'
        END AS missing
    FROM found
)
SELECT
    CASE
        WHEN told.missing IS NOT NULL OR s.is_limited THEN 'unknown'
        WHEN s.mean_ms >= :mean_warn::float8 THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE
        WHEN told.missing IS NOT NULL THEN told.missing
        WHEN s.is_limited THEN 'not_visible'
        WHEN s.mean_ms >= :mean_warn::float8 THEN 'slow'
    END AS reason,
    -- Statements of other users have no queryid.
    coalesce(nullif(s.id, ''), 'none') || CASE WHEN s.is_limited THEN '/' || s.place ELSE '' END AS id,
    CASE WHEN NOT s.is_limited THEN s.query END AS query,
    s.calls,
    s.mean_ms,
    s.max_ms,
    s.total_ms,
    100 * s.total_ms / nullif(sum(s.total_ms) OVER (), 0) AS share,
    s.rows,
    s.blocks_read * current_setting('block_size')::bigint AS read,
    s.user_name AS "user"
FROM told
LEFT JOIN LATERAL (
    SELECT
        row_number() OVER () AS place,
        concat_ws('/', found ->> 'userid', found ->> 'queryid', found ->> 'toplevel') AS id,
        found ->> 'beginning' = '<insufficient privilege>' AS is_limited,
        CASE
            -- All of opsdash's statements begin alike; the first comment of the file says which one it is.
            WHEN found ->> 'beginning' LIKE '/* opsdash:%' THEN
                'opsdash: ' || coalesce(substring(found ->> 'beginning' FROM '-- ([^\n]*)'), 'a view')
            -- The statement itself, without the comments before it.
            ELSE {{hide_password(text =>
                left(regexp_replace(found ->> 'beginning', '^(\s+|--[^\n]*(\n|$)|/\*([^*]|\*[^/])*\*/)+', ''), 400)
            )}}
        END AS query,
        (found ->> 'calls')::bigint AS calls,
        -- The names before PostgreSQL 13 come second.
        coalesce(found ->> 'mean_exec_time', found ->> 'mean_time')::float8 AS mean_ms,
        coalesce(found ->> 'max_exec_time', found ->> 'max_time')::float8 AS max_ms,
        coalesce(found ->> 'total_exec_time', found ->> 'total_time')::float8 AS total_ms,
        (found ->> 'rows')::bigint AS rows,
        (found ->> 'shared_blks_read')::bigint AS blocks_read,
        (SELECT rolname FROM pg_roles WHERE oid = (found ->> 'userid')::oid) AS user_name
    FROM jsonb_array_elements(told.statements) AS found
) AS s ON true
WHERE (told.missing IS NOT NULL OR s.place IS NOT NULL)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', s.query, s.user_name)), lower(:search::text)) > 0)
ORDER BY s.total_ms DESC NULLS LAST, s.place;
