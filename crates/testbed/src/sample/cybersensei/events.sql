-- When each cause struck before the sample's now: the newest event is `newest` ago, the first
-- `span` before that, and they thicken towards the present.

INSERT INTO sample_events
SELECT cause, i,
       struck,
       CASE WHEN resolved_ago IS NOT NULL THEN pg_temp.clock() - resolved_ago::interval END,
       CASE WHEN resolved_ago IS NOT NULL THEN resolver END,
       notes
FROM (VALUES
    ('quota',       1,    412, '2 minutes',  '7 days',   NULL,       NULL,    NULL),  -- ongoing
    -- Regressed: resolved thirty hours ago, and back again.
    ('llm',         1000, 40,  '31 hours',   '3 days',   '30 hours', 'alice', 'Provider was down; it recovered.'),
    ('llm',         1,    97,  '9 minutes',  '20 hours', NULL,       NULL,    NULL),
    ('pool',        1,    9,   '1 minute',   '35 minutes', NULL,     NULL,    NULL),  -- new
    ('certificate', 1,    12,  '3 days',     '10 days',  '2 days',   'bob',   E'Renewed on all nodes.\nNext: 2027.'),
    ('forgotten',   1,    2,   '45 days',    '1 day',    NULL,       NULL,    NULL),
    ('billing',     1,    230, '11 minutes', '6 days',   NULL,       NULL,    NULL),
    ('billing',     1000, 60,  '8 days',     '20 days',  '7 days',   'alice', NULL),
    ('undefined',   1,    60,  '50 minutes', '3 days',   NULL,       NULL,    NULL),
    ('disk',        1,    14,  '5 hours',    '2 days',   NULL,       NULL,    NULL),
    ('orphan',      1,    25,  '3 hours',    '5 days',   NULL,       NULL,    NULL),
    ('slow model',  1,    700, '4 minutes',  '7 days',   NULL,       NULL,    NULL),
    ('rate limit',  1,    120, '20 minutes', '2 days',   NULL,       NULL,    NULL),
    ('backup',      1,    60,  '1 hour',     '20 days',  NULL,       NULL,    NULL),
    ('languages',   1,    3,   '2 hours',    '1 hour',   NULL,       NULL,    NULL)
) AS history (cause, first_i, events, newest, span, resolved_ago, resolver, notes)
CROSS JOIN LATERAL generate_series(first_i, first_i + events - 1) AS i
CROSS JOIN LATERAL (
    SELECT pg_temp.clock() - newest::interval - span::interval *
           CASE i WHEN first_i THEN 0 WHEN first_i + events - 1 THEN 1
                  ELSE pg_temp.noise(cause || i) ^ 1.5 END
) AS moment (struck);

-- Text that wants to be more than text, and text that is too long.
INSERT INTO error_logs ("id", "tenantId", "level", "source", "message", "stack", "userId",
                        "userAgent", "context", "timestamp")
VALUES
    (pg_temp.id('hostile'), pg_temp.id('tenant 8'), 'CRITICAL', 'NODE',
     E'hostile \u001B[31mred\u001B[0m \u202Ereversed\u202C zero\u200Bwidth\uFEFF \u2066isolate\u2069'
     || E' bell\u0007 back\u0008\u0008 csi\u009B2J osc\u001B]0;title\u0007 tab\there\rreturn\nsecond line end',
     E'\u001B[2J\u001B[H at cleared (screen.js:1:1)', E'user\u202E17', E'agent\u001B[5m',
     '{"note": "\u001b[31m in JSON \u202e", "deep": {"list": [1, "two", {"three": null}]}}',
     pg_temp.clock() - interval '4 hours'),
    (pg_temp.id('long'), pg_temp.id('tenant 12'), 'ERROR', 'BACKEND',
     'payload too large: ' || repeat('0123456789abcdef', 65536),  -- 1 MiB
     NULL, NULL, NULL, NULL, pg_temp.clock() - interval '2 days');
