-- Open errors grouped by cause, one row per fingerprint.
--
-- CRITICAL has no time window; the other levels look back :other_levels_back. A cause is "new"
-- while its first open entry is younger than :new_for, "regressed" when an open entry is newer
-- than the resolution of an entry of the same cause, "spiking" when its last hour has many times
-- the entries of its mean hour, else "ongoing". What needs somebody is every CRITICAL cause, and of
-- the other levels those that are not merely ongoing.

WITH {{levels(level => :level::text IN (label::text, 'all', 'needs somebody'), since => {{lookback}})}},
open_entry AS MATERIALIZED (
    {{grouped(since => chosen.since, which => NOT resolved)}}
),
resolved_entry AS MATERIALIZED (
    -- This one and the two below are read only as far as they are looked into.
    {{grouped(since => LOCALTIMESTAMP - :regressed_within::interval, which => resolved)}}
),
hour_entry AS MATERIALIZED (
    {{grouped(since => LOCALTIMESTAMP - interval '1 hour', which => "timestamp" <= LOCALTIMESTAMP)}}
),
day_entry AS MATERIALIZED (
    {{grouped(
        since => LOCALTIMESTAMP - interval '25 hours',
        which => "timestamp" < LOCALTIMESTAMP - interval '1 hour'
    )}}
),
entry AS NOT MATERIALIZED (
    -- A query for one of these kinds does not read the others.
    SELECT *, 'open' AS kind FROM open_entry
    UNION ALL
    SELECT *, 'resolved' FROM resolved_entry
    UNION ALL
    SELECT *, 'hour' FROM hour_entry
    UNION ALL
    SELECT *, 'day' FROM day_entry
),
{{fingerprint}},
open_cause AS MATERIALIZED (
    -- The fingerprint once per group: it is the same for all entries of one.
    SELECT
        *,
        {{fingerprint_of}} AS fingerprint
    FROM (
        SELECT
            {{grouping}},
            count(*) AS events,
            count(DISTINCT "tenantId") AS tenants,
            min("timestamp") AS first_at,
            max("timestamp") AS last_at
        FROM normal
        WHERE kind = 'open'
        GROUP BY {{grouping}}
        HAVING :search::text IS NULL
            OR bool_or(strpos(lower(concat_ws(' ', message, endpoint)), lower(:search::text)) > 0)
    ) AS open_group
),
spike AS MATERIALIZED (
    -- Only the largest of the hour, because the day before is searched for each of them.
    SELECT g.fingerprint
    FROM (
        SELECT
            *,
            {{fingerprint_of}} AS fingerprint
        FROM (
            SELECT
                {{grouping}},
                count(*) AS events
            FROM normal
            WHERE kind = 'hour'
            GROUP BY {{grouping}}
            HAVING count(*) >= :spike_events::int
            ORDER BY count(*) DESC
            LIMIT 20
        ) AS hour_group
    ) AS g
    CROSS JOIN LATERAL (
        SELECT count(*) AS events
        FROM cause AS c
        WHERE c.kind = 'day'
            AND {{same_cause}}
    ) AS day
    WHERE g.events * 24 >= day.events * :spike_times::int
)
SELECT
    {{severity_of_level(level => g.level)}} AS severity,
    concat_ws(', ',
        format('%s event%s', g.events, CASE WHEN g.events > 1 THEN 's' END),
        CASE
            WHEN g.tenants = 1 THEN '1 tenant'
            WHEN g.tenants > 1 THEN g.tenants || ' tenants'
        END,
        NULLIF(state.name, 'ongoing')) AS why,
    g.fingerprint,
    g.level::text AS level,
    state.name AS state,
    g.source::text AS source,
    g.events,
    g.tenants,
    g.first_at::timestamptz AS first_at,
    g.last_at::timestamptz AS last_at,
    {{hide_keys(text => g.pattern)}} AS message,
    g.method,
    g.route AS endpoint,
    g."statusCode" AS status_code
FROM open_cause AS g
LEFT JOIN LATERAL (
    SELECT true AS found
    FROM cause AS c
    WHERE c.kind = 'resolved'
        AND c."resolvedAt" < g.last_at
        AND {{same_cause}}
    LIMIT 1
) AS resolved_before ON true
LEFT JOIN spike
    ON spike.fingerprint = g.fingerprint
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN resolved_before.found THEN 'regressed'
        WHEN g.first_at > LOCALTIMESTAMP - :new_for::interval THEN 'new'
        WHEN spike.fingerprint IS NOT NULL THEN 'spiking'
        ELSE 'ongoing'
    END AS name
) AS state
WHERE :level::text <> 'needs somebody'
    OR g.level::text = 'CRITICAL'
    OR state.name <> 'ongoing'
ORDER BY g.last_at DESC;
