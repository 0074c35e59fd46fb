-- Invoices and the audit log.

-- One a month and project, for the seven months before this one and for this one. "month" is its first day.
INSERT INTO invoices (client_id, project_id, number, amount, currency, billing_period_start, billing_period_end, status, due_on, paid_at, created_at)
SELECT
    p.client_id,
    p.id,
    format('MO-%s-%s', to_char(period.month, 'YYYYMM'), upper(left(p.id::text, 8))),
    100 + pg_temp.whole('amount' || p.id || period.ago, 0, 90000) / 100.0,
    CASE WHEN c.name = 'Globex' THEN CASE p.name WHEN 'portal' THEN 'USD' WHEN 'api' THEN 'CHF' ELSE 'EUR' END ELSE 'EUR' END,
    period.month,
    (period.month + interval '1 month' - interval '1 day')::date,
    CASE WHEN period.ago = 0 THEN 'draft' ELSE 'paid' END,
    (period.month + interval '2 months')::date,
    CASE WHEN period.ago > 0 THEN period.month + interval '40 days' END,
    period.month + interval '1 month'
FROM projects AS p
JOIN clients AS c
    ON c.id = p.client_id
CROSS JOIN generate_series(0, 7) AS n
CROSS JOIN LATERAL (
    SELECT n AS ago, (date_trunc('month', pg_temp.clock() AT TIME ZONE 'UTC') - n * interval '1 month')::date AS month
) AS period
WHERE p.status <> 'archived'
    -- Never billed, too young, and one that was forgotten this month.
    AND c.contact_email NOT IN ('ops@initech.example', 'ops@nouvelle.example')
    AND NOT (c.contact_email = 'ops@client-6.example' AND period.ago = 0);

-- The edges of a month: its last day, the first of the next one, one that is cancelled, one without a project.
INSERT INTO invoices (client_id, number, amount, currency, billing_period_start, billing_period_end, status, due_on)
SELECT
    pg_temp.id(made.domain),
    made.number,
    made.amount,
    made.currency,
    (this.month + made.from_first)::date,
    (this.month + made.from_first + interval '1 month')::date,
    made.status,
    (this.month + made.due)::date
FROM (SELECT date_trunc('month', pg_temp.clock() AT TIME ZONE 'UTC') AS month) AS this
CROSS JOIN (VALUES
    ('acme.fr', 'MO-EDGE-LAST', 10.01, 'EUR', interval '1 month -1 day', 'sent', interval '2 months'),
    ('acme.fr', 'MO-EDGE-NEXT', 2000.02, 'EUR', interval '1 month', 'draft', interval '3 months'),
    ('acme.fr', 'MO-EDGE-BEFORE', 400.40, 'EUR', interval '-1 day', 'sent', interval '2 months'),
    ('acme.example', 'MO-CANCELLED', 9999.99, 'EUR', interval '0 days', 'cancelled', interval '1 month'),
    ('globex.example', 'MO-EUR', 500, 'EUR', interval '3 days', 'sent', interval '1 month'),
    -- Not paid: for a week or so, and for months.
    ('client-10.example', 'MO-LATE', 120, 'EUR', interval '-2 months', 'sent', interval '-40 days'),
    ('umbrella.example', 'MO-VERY-LATE', 88000, 'EUR', interval '-6 months', 'sent', interval '-5 months')
) AS made (domain, number, amount, currency, from_first, status, due);

UPDATE invoices
SET status = 'sent', paid_at = NULL, due_on = (pg_temp.clock() - interval '6 days')::date
WHERE client_id = pg_temp.id('client-11.example') AND number LIKE 'MO-' || to_char(pg_temp.clock() - interval '1 month', 'YYYYMM') || '%';

INSERT INTO audit_logs (client_id, user_id, action, entity_type, entity_id, details, ip_address, created_at)
SELECT
    u.client_id,
    u.id,
    what.action,
    what.entity,
    left(md5('entity' || n), 8),
    jsonb_build_object('n', n),
    ('10.1.' || n % 200 || '.' || pg_temp.whole('ip' || n, 1, 254))::inet,
    at.time
FROM generate_series(1, 900) AS n
CROSS JOIN LATERAL (
    SELECT u.id, u.client_id
    FROM users AS u
    ORDER BY md5(u.id::text || n)
    LIMIT 1
) AS u
CROSS JOIN LATERAL (
    SELECT (ARRAY['login', 'update', 'deploy', 'create', 'delete', 'role_change'])[pg_temp.whole('action' || n, 1, 6)] AS action,
        (ARRAY['project', 'environment', 'user', 'invoice'])[pg_temp.whole('entity' || n, 1, 4)] AS entity
) AS what
-- In office hours, but for one of twenty.
CROSS JOIN LATERAL (
    SELECT date_trunc('day', pg_temp.clock()) - (n % 40) * interval '1 day'
        + CASE WHEN n % 20 = 0 THEN interval '2 hours' ELSE interval '8 hours' END
        + pg_temp.whole('minute' || n, 0, 500) * interval '1 minute' * CASE WHEN n % 20 = 0 THEN 0.2 ELSE 1 END AS time
) AS at
WHERE at.time < pg_temp.clock();

-- By nobody, in the night, of MoonOps itself; and what wants to act on a terminal.
INSERT INTO audit_logs (client_id, user_id, action, entity_type, entity_id, created_at) VALUES
    (pg_temp.id('acme.fr'), NULL, 'delete', 'environment', 'review-17', date_trunc('day', pg_temp.clock()) - interval '1 day' + interval '1 hour 12 minutes'),
    (NULL, pg_temp.id('selene@moonops.example'), 'role_change', 'user', 'apollo', date_trunc('day', pg_temp.clock()) - interval '2 days' + interval '2 hours'),
    (pg_temp.id('hostile.example'), NULL, E'login\u001B[2J', E'user\u202E', E'a\u0007b', pg_temp.clock() - interval '1 hour');
