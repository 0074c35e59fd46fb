-- How much of its numbers each table's id has used. Ids are SERIAL, whose end is 2^31 - 1; then no row can be added. They
-- are never used again, so the highest id tells, and the sequence itself where the login may read it.

WITH used (name, highest) AS (
    VALUES
        ('roles', (SELECT max(id) FROM roles)),
        ('users', (SELECT max(id) FROM users)),
        ('sessions', (SELECT max(id) FROM sessions)),
        ('logs', (SELECT max(id) FROM logs)),
        ('routes', (SELECT max(id) FROM routes)),
        ('rate_limits', (SELECT max(id) FROM rate_limits)),
        ('message_queue', (SELECT max(id) FROM message_queue)),
        ('backups', (SELECT max(id) FROM backups))
),
known AS (
    SELECT
        used.name,
        greatest(used.highest, sequence.last_value) AS last_id,
        -- A column that was made wider has more room than it was documented to have.
        CASE WHEN format_type(a.atttypid, NULL) = 'bigint' THEN 9223372036854775807 ELSE 2147483647 END AS most
    FROM used
    JOIN pg_attribute AS a
        ON a.attrelid = used.name::regclass
        AND a.attname = 'id'
    LEFT JOIN pg_sequences AS sequence
        ON format('%I.%I', sequence.schemaname, sequence.sequencename) = pg_get_serial_sequence(used.name, 'id')
),
share AS (
    SELECT
        known.*,
        100.0 * known.last_id / known.most AS percent
    FROM known
)
SELECT
    CASE
        WHEN percent IS NULL THEN 'off'
        WHEN percent >= :serial_crit::numeric THEN 'crit'
        WHEN percent >= :serial_warn::numeric THEN 'warn'
        ELSE 'ok'
    END AS severity,
    CASE
        WHEN percent IS NULL THEN 'no_row'
        WHEN percent >= :serial_crit::numeric THEN 'nearly_used_up'
        WHEN percent >= :serial_warn::numeric THEN 'running_out'
    END AS reason,
    name,
    last_id::bigint AS last_id,
    most::bigint AS most,
    (most - last_id)::bigint AS left_over
FROM share
ORDER BY percent DESC NULLS LAST, name;
