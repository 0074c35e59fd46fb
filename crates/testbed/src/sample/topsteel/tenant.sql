-- One société's database. sample.now is the sample's clock, sample.societe its id, sample.clients how many clients it has, and
-- sample.newest how old its newest order is.

CREATE FUNCTION pg_temp.clock() RETURNS timestamptz STABLE LANGUAGE sql AS
$$ SELECT current_setting('sample.now')::timestamptz $$;

CREATE FUNCTION pg_temp.whole(seed text, low int, high int) RETURNS int IMMUTABLE LANGUAGE sql AS
$$ SELECT low + floor(('x' || left(md5(seed), 7))::bit(28)::int / 268435456.0 * (high - low + 1))::int $$;

CREATE FUNCTION pg_temp.newest() RETURNS timestamptz STABLE LANGUAGE sql AS
$$ SELECT pg_temp.clock() - current_setting('sample.newest')::interval $$;

INSERT INTO clients (id, societe_id, code, nom, email, created_at, updated_at, deleted_at)
SELECT
    md5('client' || n)::uuid,
    current_setting('sample.societe')::uuid,
    format('C%s', lpad(n::text, 4, '0')),
    format('Client %s', n),
    format('client%s@example', n),
    pg_temp.newest() - n * interval '3 days',
    pg_temp.newest() - n * interval '1 day',
    CASE WHEN n % 17 = 0 THEN pg_temp.newest() - interval '1 day' END
FROM generate_series(1, current_setting('sample.clients')::int) AS n;

INSERT INTO commandes (societe_id, client_id, numero, statut, montant_ht, devise, created_at, updated_at, deleted_at)
SELECT
    current_setting('sample.societe')::uuid,
    CASE WHEN n % 50 > 0 THEN md5('client' || 1 + n % current_setting('sample.clients')::int)::uuid END,
    format('CMD-%s', lpad(n::text, 5, '0')),
    (ARRAY['LIVREE', 'LIVREE', 'LIVREE', 'CONFIRMEE', 'BROUILLON'])[1 + n % 5],
    pg_temp.whole(current_setting('sample.societe') || n, 100, 90000),
    CASE WHEN n % 9 = 0 THEN 'CHF' ELSE 'EUR' END,
    pg_temp.newest() - (n - 1) * interval '9 hours',
    pg_temp.newest() - (n - 1) * interval '8 hours',
    CASE WHEN n % 40 = 0 THEN pg_temp.newest() END
FROM generate_series(1, 8 * current_setting('sample.clients')::int) AS n;

INSERT INTO stocks (societe_id, material_code, quantite, seuil, updated_at)
SELECT
    current_setting('sample.societe')::uuid,
    format('MAT-%s', lpad(n::text, 4, '0')),
    pg_temp.whole('stock' || n, 100, 4000),
    50,
    pg_temp.newest() - n * interval '5 hours'
FROM generate_series(1, current_setting('sample.clients')::int) AS n;
