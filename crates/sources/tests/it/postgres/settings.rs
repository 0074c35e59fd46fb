//! What a login, a database or its policies set, and what reads and writes make of it.

use std::time::Duration;

use opsdash_core::{
    action::Outcome,
    contract::{FailureKind, Inspection, Within},
};
use opsdash_sources::Source;

use super::{
    config, database, open, read_failure, read_table, rows,
    scope::{bound, close},
};

/// A database, and a source that reads it with a login of its own.
async fn of_login(database_name: &str, login: &str, statements: &str) -> Source {
    let (_, server) = database(database_name, "").await;
    let make = format!(
        "DO $$ BEGIN CREATE ROLE {login} LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object THEN NULL; END $$; \
         {statements}"
    );
    server.run(database_name, &make).await.unwrap();
    open(&config(&server.url_of(login, "x", database_name)))
}

#[tokio::test]
async fn no_setting_of_a_login_changes_what_a_statement_means() {
    let set = [
        "standard_conforming_strings = off",
        "default_transaction_isolation = serializable",
        "default_transaction_deferrable = on",
        "default_transaction_read_only = on",
        "transform_null_equals = on",
        "array_nulls = off",
        "DateStyle = 'SQL, DMY'",
        "IntervalStyle = iso_8601",
        "extra_float_digits = -15",
        "bytea_output = escape",
        "work_mem = '64MB'",
        "row_security = on",
    ];
    let set: Vec<String> = set.iter().map(|set| format!("ALTER ROLE strange SET {set};")).collect();
    let source = of_login("settings_meaning", "strange", &set.concat()).await;
    let sql = r"SELECT 'a\d' AS text, (NULL = NULL)::text, ('{NULL}'::text[])[1], DATE '2026-02-01'::text,
        INTERVAL '26 hours'::text, (0.1::float8 + 0.2::float8)::text, '\xff'::bytea::text,
        current_setting('work_mem'), current_setting('transaction_isolation'),
        current_setting('transaction_deferrable'), current_setting('transaction_read_only')";
    let table = read_table(&source, &rows(sql)).await;
    let cells: Vec<Option<&str>> = table.rows[0].cells.iter().map(|cell| cell.as_text()).collect();
    let wanted = [
        Some(r"a\d"),
        None,
        None,
        Some("2026-02-01"),
        Some("26:00:00"),
        Some("0.30000000000000004"),
        Some(r"\xff"),
        Some("64MB"),
        Some("read committed"),
        Some("off"),
        Some("on"),
    ];
    assert_eq!(cells, wanted);
}

#[tokio::test]
async fn less_memory_than_a_sort_of_ours_needs_is_raised() {
    let source = of_login("settings_memory", "small", "ALTER ROLE small SET work_mem = '64kB'").await;
    let table = read_table(&source, &rows("SELECT current_setting('work_mem') AS memory")).await;
    assert_eq!(table.rows[0].key.as_str(), "16MB");
}

#[tokio::test]
async fn hidden_rows_are_an_error_and_never_none() {
    let policies = "CREATE TABLE notes (id int); INSERT INTO notes VALUES (1), (2); GRANT SELECT ON notes TO partial;
        ALTER TABLE notes ENABLE ROW LEVEL SECURITY";
    let source = of_login("settings_hidden", "partial", policies).await;
    for policy in ["", "CREATE POLICY odd ON notes USING (id = 1)"] {
        super::shared().run("settings_hidden", policy).await.unwrap();
        let failure = read_failure(&source, &rows("SELECT id FROM notes")).await;
        assert_eq!((failure.kind, failure.object.as_deref()), (FailureKind::Privilege, Some("notes")));
        assert!(failure.hint().contains("row-level security hides rows of notes"), "{}", failure.hint());
        assert!(failure.hint().contains("BYPASSRLS"), "{}", failure.hint());
    }
    super::shared().run("settings_hidden", "ALTER ROLE partial BYPASSRLS").await.unwrap();
    assert_eq!(read_table(&source, &rows("SELECT id FROM notes")).await.rows.len(), 2);
}

#[tokio::test]
async fn a_login_whose_transactions_are_read_only_is_told_by_name_before_anything_else() {
    let jobs = "CREATE TABLE jobs (id int PRIMARY KEY, state text); INSERT INTO jobs VALUES (1, 'open');
        GRANT SELECT, UPDATE ON jobs TO looker; ALTER ROLE looker SET default_transaction_read_only = on";
    let source = of_login("settings_read_only", "looker", jobs).await;
    let action = close();
    let (preview, write) = (bound(&action.preview, &["1"]), bound(&action.sql, &["1"]));
    let work = Duration::from_secs(20);
    let outcome = source.preview(&preview, Some(&write), 10, &Within::default(), work).await.unwrap_err();
    let Outcome::Failed(failure) = outcome else { panic!("{outcome:?}") };
    assert_eq!(failure.kind, FailureKind::Privilege);
    assert!(failure.message.contains("default_transaction_read_only is on for looker"), "{failure}");
    assert!(failure.hint().contains("RESET default_transaction_read_only"), "{}", failure.hint());
}

#[tokio::test]
async fn a_function_that_is_refused_has_a_remedy_of_its_own() {
    let take = "CREATE FUNCTION tell() RETURNS int LANGUAGE sql AS 'SELECT 1';
        REVOKE EXECUTE ON FUNCTION tell FROM public";
    let source = of_login("settings_function", "outsider", take).await;
    let failure = read_failure(&source, &rows("SELECT tell() AS id")).await;
    assert!(failure.hint().starts_with("GRANT EXECUTE ON FUNCTION tell"), "{}", failure.hint());
}

#[tokio::test]
async fn bytes_that_are_no_text_cost_one_letter_and_are_no_key() {
    let server = super::shared();
    let make = "CREATE DATABASE settings_ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";
    server.run("postgres", make).await.unwrap();
    let notes =
        r"CREATE TABLE notes (id text, note text); INSERT INTO notes VALUES ('a', E'caf\351'), (E'\351', 'fine')";
    server.run("settings_ascii", notes).await.unwrap();
    let source = open(&config(&server.url("settings_ascii")));
    let sql = "SELECT 'crit' AS severity, note AS why, id, note FROM notes";
    let table = read_table(&source, &super::list(sql, 10, false)).await;
    let seen: Vec<(&str, &str)> = table.rows.iter().map(|row| (row.key.as_str(), &*row.why)).collect();
    assert_eq!(seen, [("a", "caf\u{fffd}"), ("", "fine")]);
    let inspection = Inspection { timeout_ms: 20_000, ..Inspection::default() };
    let facts = source.inspect(&inspection, &Within::default()).await.unwrap();
    assert_eq!(facts.catalog.encoding.as_deref(), Some("SQL_ASCII"));
}
