-- Open errors grouped by cause, one row per fingerprint.
--
-- CRITICAL has no time window; the other levels look back :other_levels_back. A cause is "new"
-- while its first open entry is younger than :new_for, "regressed" when an open entry is newer
-- than the resolution of an entry of the same cause, "spiking" when its last hour has many times
-- the entries of its mean hour, else "ongoing". What needs somebody is every CRITICAL cause, and of
-- the other levels those that are not merely ongoing.

WITH {{levels(level => :level::text IN (label::text, 'all', 'needs somebody'), since => {{lookback}})}},
open_cause AS MATERIALIZED (
    {{groups(
        since => chosen.since,
        which => NOT resolved,
        having => :search::text IS NULL
            OR bool_or(strpos(lower(concat_ws(' ', e.message, e.endpoint)), lower(:search::text)) > 0)
    )}}
),
resolved_kind AS MATERIALIZED (
    -- What has been resolved lately, roughly: most causes are not among it, and are not searched for.
    SELECT
        e.level,
        e.source,
        left(e.message, 6) AS beginning
    FROM {{scan(since => LOCALTIMESTAMP - :regressed_within::interval, which => resolved)}}
    GROUP BY 1, 2, 3
),
spike AS MATERIALIZED (
    -- Only the largest of the hour, because the day before is searched for each of them.
    SELECT g.fingerprint
    FROM (
        {{groups(
            since => LOCALTIMESTAMP - interval '1 hour',
            which => "timestamp" <= LOCALTIMESTAMP,
            having => count(*) >= :spike_events::int
        )}}
        ORDER BY events DESC
        LIMIT 20
    ) AS g
    CROSS JOIN LATERAL (
        SELECT count(*) AS events
        FROM (
            {{of_level(
                since => LOCALTIMESTAMP - interval '25 hours',
                which => "timestamp" < LOCALTIMESTAMP - interval '1 hour'
            )}}
        ) AS e
        {{norm}}
        WHERE {{same_cause}}
    ) AS day
    WHERE g.events * 24 >= day.events * :spike_times::int
)
SELECT
    {{severity_of_level(level => g.level)}} AS severity,
    state.name AS reason,
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
    g."statusCode" AS status_code,
    nullif(g.tenants, 0) AS tenants_hit
FROM open_cause AS g
LEFT JOIN LATERAL (
    SELECT true AS found
    FROM (
        {{of_level(since => LOCALTIMESTAMP - :regressed_within::interval, which => resolved)}}
    ) AS e
    {{norm}}
    WHERE EXISTS (
            SELECT
            FROM resolved_kind AS kind
            WHERE kind.level = g.level
                AND kind.source = g.source
                AND (starts_with(g.pattern, kind.beginning)
                    OR starts_with(kind.beginning, left(split_part(g.pattern, '#', 1), 6)))
        )
        AND e."resolvedAt" < g.last_at
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
