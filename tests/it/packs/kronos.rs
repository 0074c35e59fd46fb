//! Kronos stores tokens, hashes, cached values and payloads in clear: none of them leaves the server.

use opsdash_testbed::{sample::kronos as sample, servers::postgres::shared, shell::Shell, sql};

use super::text::{bare, files, statements};
use crate::support::shell;

/// The columns, with the alias under which queries have their table where the name alone is anybody's.
const SECRET: [&str; 4] = [".token", ".payload", "c.value", "password_hash"];

/// What may be done to one: nothing that gives it back. Texts are left out of what is read here.
const HARMLESS: [(&str, &str); 4] =
    [("sha256(convert_to(", ", ''))"), ("octet_length(", ")"), ("length(", ")"), ("GROUP BY ", "")];

/// Whether the column that ends at `end` stands in a call that hides it, or is compared with another one.
fn is_harmless(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = (&text[..start], &text[end..]);
    let name = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    let before = &before[..name];
    let called = HARMLESS.iter().any(|(open, close)| before.ends_with(open) && after.starts_with(close));
    let compared = after.starts_with(" = ") || before.ends_with(" = ");
    called || compared
}

#[test]
fn tokens_hashes_values_and_payloads_are_hashed_measured_or_compared_and_never_selected() {
    let own: Vec<_> = statements().into_iter().filter(|(file, _)| file.starts_with("kronos/")).collect();
    assert!(own.len() > 20, "{}", own.len());
    let mut met = 0;
    for (file, text) in own {
        let text = bare(&text, false);
        for column in SECRET {
            for (start, found) in text.match_indices(column) {
                let end = start + found.len();
                if text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
                    continue;
                }
                met += 1;
                assert!(
                    is_harmless(&text, start, end),
                    "{file} lets {column} out: {}",
                    &text[start.saturating_sub(60)..]
                );
            }
        }
    }
    assert!(met >= 8, "queries name them: {met}");
    assert!(files("sql").iter().any(|(file, _)| file == "kronos/fragments/digest.sql"));
}

/// The program on a database whose secrets say `HUSH`.
async fn with_secrets(database: &str) -> Shell {
    let server = shared();
    server.create_database(database).await.unwrap();
    server.migrate(database, "kronos").await.unwrap();
    let rows = "INSERT INTO roles (name, permissions) VALUES ('reader', '{logs:read}');
        INSERT INTO users (username, email, password_hash, role_id) VALUES ('ann', 'ann@example', 'HUSH-hash', 1);
        INSERT INTO sessions (user_id, token, expires_at) VALUES (1, 'HUSH-token', NULL), (1, 'HUSH-token', NULL);
        INSERT INTO cache VALUES ('a', 'HUSH-value', NULL);
        INSERT INTO message_queue (topic, payload) VALUES ('mail', 'HUSH-payload');
        INSERT INTO logs (service_name, level, message) VALUES ('s', 'fatal', 'refused token=HUSH-message');";
    sql::run(&server.url(database), rows).await.unwrap();
    on(&server.url(database))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_view_and_no_lookup_prints_what_is_secret() {
    let shell = with_secrets("kronos_secrets").await;
    for view in ["sessions", "users", "roles", "logs", "log_entries", "cache", "queue", "messages", "facts"] {
        let ran = shell.run(&["show", view, "--format", "json"]);
        assert_eq!(ran.code, Some(0), "{view}: {}", ran.err);
        assert!(!ran.out.contains("HUSH"), "{view}: {}", ran.out);
    }
    let found = shell.run(&["user", "ann", "--json"]);
    assert_eq!(found.code, Some(0), "{}", found.err);
    assert!(!found.out.contains("HUSH") && found.out.contains("admitted"), "{}", found.out);
}

/// The program with the sample as target `kronos`.
async fn with_sample(database: &str) -> Shell {
    let server = shared();
    server.create_database(database).await.unwrap();
    server.migrate(database, "kronos").await.unwrap();
    sample::load(&server.url(database), jiff::Timestamp::now()).await.unwrap();
    on(&server.url(database))
}

fn on(url: &str) -> Shell {
    shell(&format!("[targets.kronos]\nsystem = \"kronos\"\n[targets.kronos.sources.main]\nurl = \"{url}\"\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_is_told_to_scripts_in_words_and_exit_codes() {
    let shell = with_sample("kronos_told").await;
    // A role, none, a name that is the id of somebody else, nobody.
    for (asked, code, told) in
        [("gaia", 0, "admitted"), ("ancien", 1, "has no role"), ("2", 2, "ambiguous"), ("nemo", 4, "not found")]
    {
        let ran = shell.run(&["user", asked]);
        assert_eq!(ran.code, Some(code), "{asked}: {}{}", ran.out, ran.err);
        assert!(
            format!("{}{}", ran.out, ran.err).to_lowercase().replace('_', " ").contains(told),
            "{asked}: {}{}",
            ran.out,
            ran.err
        );
    }
    let checked = shell.run(&["check", "--target", "kronos"]);
    assert_eq!(checked.code, Some(2), "{}", checked.err);
    for told in [
        "kronos queue crit: ",
        "mail.outbound  pending: 37 pending, the oldest for 3h",
        "kronos backups crit: ",
        "the last backup is 2d old",
        "kronos serials warn: ",
        "no broker at",
    ] {
        assert!(checked.out.contains(told), "{told}: {}", checked.out);
    }
    // Nothing that looks like a token is in any of it, nor in what a detail says.
    for view in ["sessions", "cache", "logs", "log_entries", "queue", "messages"] {
        let shown = shell.run(&["show", view, "--format", "json", "--limit", "10000"]);
        assert_eq!(shown.code, Some(0), "{view}: {}", shown.err);
        assert!(!shown.out.contains("eyJ"), "{view}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_what_the_document_claims_and_its_statements_lack() {
    let server = shared();
    server.create_database("kronos_doctor").await.unwrap();
    server.migrate("kronos_doctor", "kronos").await.unwrap();
    let shell = on(&server.url("kronos_doctor"));
    let ran = shell.run(&["doctor"]);
    for told in [
        "index logs(service_name): is not there",
        "table logs: has no partitions",
        "error 42P01",
        "Argon2: cannot be checked",
        "9 tables",
    ] {
        assert!(ran.out.contains(told), "{told}: {}", ran.out);
    }
    let grants = shell.run(&["doctor", "--grants", "main"]).out;
    let of_hashes = |line: &str| line.starts_with("GRANT") && line.contains("password_hash");
    assert!(!grants.lines().any(of_hashes), "{grants}");
    for granted in ["DELETE", "(\"request_count\")", "(\"status\")"] {
        assert!(grants.contains(granted), "{granted}: {grants}");
    }
}
