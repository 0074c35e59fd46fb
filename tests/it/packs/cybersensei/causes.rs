//! Which causes of errors need somebody.

use opsdash_core::value::Severity;
use opsdash_testbed::servers::postgres::shared;

use crate::packs::asking::{detail, list, postgres_source, text};

/// Open errors: a cause a line, with how many entries it has every so often, from then until then.
const ENTRIES: &str = r#"
    INSERT INTO error_logs ("level", "source", "message", "timestamp", "resolved", "resolvedAt")
    SELECT c.level::error_logs_level_enum, 'BACKEND', c.message || ' ' || i,
        LOCALTIMESTAMP - c.until - i * c.every, c.resolved, CASE WHEN c.resolved THEN LOCALTIMESTAMP - interval '2 days' END
    FROM (VALUES
        -- 60 in the hour, 24 in the day before: a mean hour has one.
        ('ERROR', 'queue overflows', interval '1 minute', interval '50 seconds', 60, false),
        ('ERROR', 'queue overflows', interval '2 hours', interval '50 minutes', 24, false),
        ('ERROR', 'queue overflows', interval '3 days', interval '1 hour', 2, false),
        -- As many in the hour, but in every other hour too.
        ('ERROR', 'disk is slow', interval '0', interval '1 minute', 2000, false),
        -- Fewer than 50.
        ('WARNING', 'cache misses', interval '1 minute', interval '1 minute', 40, false),
        ('WARNING', 'cache misses', interval '3 days', interval '1 hour', 2, false),
        ('WARNING', 'mail bounces', interval '1 hour', interval '1 hour', 3, false),
        ('ERROR', 'lock times out', interval '1 hour', interval '30 hours', 3, false),
        ('ERROR', 'lock times out', interval '4 days', interval '1 hour', 1, true),
        ('INFO', 'cache is cold', interval '30 hours', interval '1 hour', 5, false),
        ('CRITICAL', 'store is full', interval '20 days', interval '1 hour', 2, false)
    ) AS c (level, message, until, every, events, resolved)
    CROSS JOIN LATERAL generate_series(1, c.events) AS i;
    ANALYZE error_logs"#;

#[tokio::test]
async fn what_is_critical_new_regressed_or_spiking_needs_somebody() {
    let server = shared();
    server.create_database("causes").await.unwrap();
    server.migrate("causes", "cybersensei").await.unwrap();
    server.run("causes", ENTRIES).await.unwrap();
    let source = postgres_source(&server.url("causes"));
    let told = async |level: &str| {
        let causes = list(&source, "errors", &[("level", level)]).await;
        let mut told: Vec<(String, String, Severity)> = causes
            .rows
            .iter()
            .map(|row| (text(&causes, row, "message"), text(&causes, row, "state"), row.severity))
            .collect();
        told.sort_by(|a, b| a.0.cmp(&b.0));
        told
    };
    let wanted = |all: &[(&str, &str, Severity)]| -> Vec<(String, String, Severity)> {
        all.iter().map(|(message, state, severity)| (format!("{message} #"), (*state).to_owned(), *severity)).collect()
    };
    assert_eq!(
        told("needs somebody").await,
        wanted(&[
            ("lock times out", "regressed", Severity::Warn),
            ("mail bounces", "new", Severity::Warn),
            ("queue overflows", "spiking", Severity::Warn),
            ("store is full", "ongoing", Severity::Crit),
        ])
    );
    let all = told("all").await;
    assert_eq!(all.len(), 7, "{all:?}");
    let spiking = list(&source, "errors", &[("spike_events", "30"), ("spike_times", "2")]).await;
    assert_eq!(spiking.rows.len(), 5, "cache misses too: {:?}", spiking.rows);
}

#[tokio::test]
async fn a_license_key_in_the_text_of_an_error_is_masked() {
    let server = shared();
    server.create_database("masked").await.unwrap();
    server.migrate("masked", "cybersensei").await.unwrap();
    let entry = r#"INSERT INTO error_logs ("level", "source", "message", "stack", "context", "timestamp")
        VALUES ('CRITICAL', 'NODE', 'license LAB-ABCD-EFGH-IJKL of 2026-11-28 is refused', E'Error: LAB-ABCD-EFGH-IJKL\n    at a',
            '{"key": "LAB-ABCD-EFGH-IJKL"}', LOCALTIMESTAMP)"#;
    server.run("masked", entry).await.unwrap();
    let source = postgres_source(&server.url("masked"));
    for view in ["errors", "error_log"] {
        let listed = list(&source, view, &[]).await;
        let shown = format!("{:?} {:?}", listed, detail(&source, view, &listed.rows[0].key).await);
        assert!(!shown.contains("ABCD") && shown.contains("LAB…IJKL"), "{view}: {shown}");
        assert!(view == "errors" || shown.contains("2026-11-28"), "a date is no key: {shown}");
    }
}
