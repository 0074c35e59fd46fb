//! Errors by cause: what differs from entry to entry does not make another group.

use opsdash_core::value::Value;
use opsdash_testbed::servers::postgres::shared;

use crate::packs::asking::{cell, list, postgres_source};

/// 50 000 open errors of twelve causes. `%1$s` is a uuid, `%2$s` an address, `%3$s` a number, `%4$s` a hash, `%5$s` a
/// mail address, `%6$s` a word.
const ENTRIES: &str = r#"
    INSERT INTO error_logs ("level", "source", "message", "endpoint", "method", "statusCode", "stack", "timestamp")
    SELECT
        'CRITICAL',
        c.source::error_logs_source_enum,
        format(c.message, v.uuid, v.address, i * 7919 % 100003, v.hash, v.mail, v.word),
        format(c.endpoint, v.uuid, v.address, i, v.hash, v.mail),
        'GET',
        500,
        format(E'Error: %1$s\n    at %2$s (/srv/app/%2$s.js:%3$s:%4$s)\n    at later (x.js:1:1)', i, c.frame, i % 900, i % 80),
        LOCALTIMESTAMP - i * interval '3 seconds'
    FROM generate_series(1, 50000) AS i
    CROSS JOIN LATERAL (
        SELECT md5(i::text)::uuid AS uuid, format('10.%s.%s.%s', i % 250, i / 250 % 250, i % 7) AS address,
            left(md5('x' || i), 8 + i % 24) AS hash, format('user.%s@mail-%s.example', i, i % 9) AS mail,
            (ARRAY['alpha', 'be ta', 'gam-ma', ''])[1 + i % 4] AS word
    ) AS v
    JOIN (VALUES
        (0, 'NODE', 'quota sync failed for tenant %1$s after %3$s ms', '/api/v1/tenants/%1$s/quota', 'Quota.sync'),
        (1, 'NODE', 'quota sync failed for tenant %1$s after %3$s ms', '/api/v1/tenants/%1$s/quota', 'Quota.retry'),
        (2, 'BACKEND', 'connect ECONNREFUSED %2$s:5432', '/api/v1/licenses/%3$s', 'Socket.connect'),
        (3, 'BACKEND', 'connect ECONNREFUSED %2$s:5432', '/api/v2/licenses/%3$s', 'Socket.connect'),
        (4, 'BACKEND', 'request %4$s0 of %5$s was refused', '/api/v1/users/%5$s', 'Gate.check'),
        (5, 'BACKEND', 'duplicate key value violates unique constraint "UQ_%4$s"', '/api/v1/users', 'Driver.query'),
        (6, 'SYSTEM', 'Cannot read properties of undefined (reading ''%6$s'')', NULL, 'Report.render'),
        (7, 'SYSTEM', 'certificate of %2$s expires in %3$s hours', NULL, 'Watch.look'),
        (8, 'SYSTEM', 'certificate of %2$s has expired', NULL, 'Watch.look'),
        (9, 'NODE', 'chunk %3$s of file %4$s0 is missing', '/api/v1/updates/1.%3$s.0?from=%3$s', 'Store.read'),
        (10, 'NODE', '[2026-11-%3$s] job %1$s: %3$s of 100 failed', '/api/v1/jobs/%1$s/%3$s', 'Queue.run'),
        (11, 'NODE', 'model "%6$s" answered with %3$s tokens', '/api/v1/ai', 'Model.ask')
    ) AS c (no, source, message, endpoint, frame)
        ON c.no = i % 12;
    ANALYZE error_logs"#;

#[tokio::test]
async fn fifty_thousand_errors_of_twelve_causes_are_twelve_groups() {
    let server = shared();
    server.create_database("grouping").await.unwrap();
    server.migrate("grouping", "cybersensei").await.unwrap();
    server.run("grouping", ENTRIES).await.unwrap();
    let errors = list(&postgres_source(&server.url("grouping")), "errors", &[]).await;
    let patterns: Vec<&Value> = errors.rows.iter().map(|row| cell(&errors, row, "message")).collect();
    assert!((11..=13).contains(&errors.rows.len()), "{} groups: {patterns:#?}", errors.rows.len());
    let events: f64 = errors.rows.iter().filter_map(|row| cell(&errors, row, "events").as_number()).sum();
    assert_eq!(events.to_string(), "50000", "every entry is in a group");
}
