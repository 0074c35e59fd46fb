-- The stock of one société, in numbers.

SELECT
    CASE WHEN s.negative > 0 THEN 'crit' WHEN s.below > 0 OR s.live = 0 THEN 'warn' ELSE 'ok' END AS severity,
    array_remove(ARRAY[
        CASE WHEN s.negative > 0 THEN 'negative' END,
        CASE WHEN s.below > 0 THEN 'below' END,
        CASE WHEN s.live = 0 THEN 'none' END
    ], NULL) AS reason,
    s.live AS stocks,
    s.negative,
    s.below,
    s.deleted,
    s.last_at
FROM (
    SELECT
        count(*) FILTER (WHERE x.deleted_at IS NULL) AS live,
        count(*) FILTER (WHERE x.deleted_at IS NULL AND x.quantite < 0) AS negative,
        count(*) FILTER (WHERE x.deleted_at IS NULL AND x.quantite >= 0 AND x.quantite < x.seuil) AS below,
        count(*) FILTER (WHERE x.deleted_at IS NOT NULL) AS deleted,
        max(x.updated_at) AS last_at
    FROM stocks AS x
) AS s;
