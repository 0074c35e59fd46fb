-- Single entries of the last :back, the newest first. A cause has its entries of a week.

WITH {{entry(since => CASE WHEN :cause::text IS NULL THEN :back::interval ELSE interval '7 days' END)}}
SELECT
    {{severity_of_level(of => e.level)}} AS severity,
    array_remove(ARRAY[
        CASE WHEN e.level = 'OTHER' THEN 'unknown_level' ELSE lower(e.level) END,
        CASE WHEN NOT {{routed(service => e.service_name)}} THEN 'unrouted' END
    ], NULL) AS reason,  -- lower(level): critical, error, warning, info, debug
    e.id,
    e.timestamp::timestamptz AS at,
    e.service_name AS service,
    e.level,
    e.raw_level,
    {{hide_tokens(text => left(e.message, 400))}} AS message
FROM entry AS e
WHERE :level::text IN ('all', e.level)
    AND :service::text IN ('all', e.service_name)
    AND (:cause::text IS NULL OR e.fingerprint = :cause::text)
    AND (:search::text IS NULL
        OR strpos(lower(concat_ws(' ', e.service_name, e.message)), lower(:search::text)) > 0)
ORDER BY e.timestamp DESC, e.id DESC;
