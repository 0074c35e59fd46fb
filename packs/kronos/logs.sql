-- Entries of the last :back by cause, whatever service wrote them: one row a fingerprint, which is the level, a dash and a
-- hash of what the messages have in common.
--
-- No documented index helps to find entries by time, so this reads the table once.

WITH {{entry(since => :back::interval)}},
cause AS MATERIALIZED (
    SELECT
        e.fingerprint,
        e.level,
        count(*) AS events,
        count(*) FILTER (WHERE e.timestamp > LOCALTIMESTAMP - interval '1 hour') AS last_hour,
        array_agg(DISTINCT e.service_name) AS services,
        array_agg(DISTINCT e.raw_level) AS raw_levels,
        min(e.timestamp) AS first_at,
        max(e.timestamp) AS last_at,
        (array_agg(left(e.message, 400) ORDER BY e.timestamp DESC))[1] AS message,
        bool_or(:search::text IS NULL
            OR strpos(lower(concat_ws(' ', e.service_name, e.message)), lower(:search::text)) > 0) AS sought
    FROM entry AS e
    WHERE :service::text IN ('all', e.service_name)
    GROUP BY e.fingerprint, e.level
)
SELECT
    {{severity_of_level(of => c.level)}} AS severity,
    array_remove(ARRAY[
        state.name,
        CASE WHEN c.level = 'OTHER' THEN 'unknown_level' END,
        CASE WHEN unrouted.services IS NOT NULL THEN 'unrouted' END
    ], NULL) AS reason,
    c.fingerprint,
    c.level,
    array_to_string(c.raw_levels, ', ') AS raw_levels,
    state.name AS state,
    c.events,
    cardinality(c.services) AS services,
    array_to_string(c.services, ', ') AS service,
    unrouted.services AS unrouted_services,
    c.first_at::timestamptz AS first_at,
    c.last_at::timestamptz AS last_at,
    {{hide_tokens(text => c.message)}} AS message
FROM cause AS c
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN c.first_at > LOCALTIMESTAMP - :new_for::interval THEN 'new'
        WHEN c.last_hour >= :spike_events::int
            AND c.last_hour * (extract(epoch FROM :back::interval) / 3600 - 1)
                >= (c.events - c.last_hour) * :spike_times::numeric THEN 'spiking'
        ELSE 'ongoing'
    END AS name
) AS state
CROSS JOIN LATERAL (
    SELECT string_agg(named.service, ', ' ORDER BY named.service) AS services
    FROM unnest(c.services) AS named (service)
    WHERE NOT {{routed(service => named.service)}}
) AS unrouted
WHERE c.sought
    AND (
        :level::text IN ('all', c.level)
        OR :level::text = 'needs somebody'
            AND (c.level IN ('CRITICAL', 'OTHER') OR c.level IN ('ERROR', 'WARNING') AND state.name <> 'ongoing')
    )
ORDER BY c.last_at DESC, c.fingerprint;
