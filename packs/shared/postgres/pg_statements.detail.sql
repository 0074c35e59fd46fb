-- One statement of pg_stat_statements, whole.

WITH {{pg_stat_statements(
    length => 20000,
    narrowed => format(
        'AND concat_ws(''/'', p.userid, p.queryid, to_jsonb(p) ->> ''toplevel'') = %L',
        :key::text
    )
)}}
SELECT
    (SELECT rolname FROM pg_roles WHERE oid = (statement ->> 'userid')::oid) AS "user",
    (statement ->> 'calls')::bigint AS calls,
    (statement ->> 'rows')::bigint AS rows,
    coalesce(statement ->> 'total_exec_time', statement ->> 'total_time')::float8 AS total_ms,
    coalesce(statement ->> 'mean_exec_time', statement ->> 'mean_time')::float8 AS mean_ms,
    coalesce(statement ->> 'min_exec_time', statement ->> 'min_time')::float8 AS min_ms,
    coalesce(statement ->> 'max_exec_time', statement ->> 'max_time')::float8 AS max_ms,
    coalesce(statement ->> 'stddev_exec_time', statement ->> 'stddev_time')::float8 AS deviation_ms,
    (statement ->> 'shared_blks_hit')::bigint * current_setting('block_size')::bigint AS from_memory,
    (statement ->> 'shared_blks_read')::bigint * current_setting('block_size')::bigint AS from_disk,
    (statement ->> 'temp_blks_written')::bigint * current_setting('block_size')::bigint AS spilled,
    {{hide_password(text => statement ->> 'beginning')}} AS query
FROM found
CROSS JOIN jsonb_array_elements(found.statements) AS statement;
