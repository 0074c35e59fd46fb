-- The orders of one société, in numbers. Amounts are of 30 days and by currency: they are never added up across.

SELECT
    CASE WHEN c.live = 0 THEN 'warn' WHEN c.last_at < now() - :stale_after::interval THEN 'warn' ELSE 'ok' END AS severity,
    CASE WHEN c.live = 0 THEN 'none' WHEN c.last_at < now() - :stale_after::interval THEN 'stale' END AS reason,
    c.live AS commandes,
    c.fresh,
    c.deleted,
    c.without_client,
    (
        SELECT string_agg(by_currency.amount || ' ' || by_currency.devise, ', ' ORDER BY by_currency.devise)
        FROM (
            SELECT
                x.devise,
                sum(x.montant_ht) AS amount
            FROM commandes AS x
            WHERE x.deleted_at IS NULL
                AND x.created_at > now() - interval '30 days'
            GROUP BY x.devise
        ) AS by_currency
    ) AS amounts,
    (
        SELECT string_agg(by_status.total || ' ' || by_status.statut, ', ' ORDER BY by_status.total DESC, by_status.statut)
        FROM (
            SELECT
                x.statut,
                count(*) AS total
            FROM commandes AS x
            WHERE x.deleted_at IS NULL
            GROUP BY x.statut
        ) AS by_status
    ) AS by_status,
    c.last_at
FROM (
    SELECT
        count(*) FILTER (WHERE x.deleted_at IS NULL) AS live,
        count(*) FILTER (WHERE x.deleted_at IS NULL AND x.created_at > now() - interval '30 days') AS fresh,
        count(*) FILTER (WHERE x.deleted_at IS NOT NULL) AS deleted,
        count(*) FILTER (WHERE x.deleted_at IS NULL AND x.client_id IS NULL) AS without_client,
        max(x.created_at) AS last_at
    FROM commandes AS x
) AS c;
