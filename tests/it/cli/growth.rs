//! What rows were some days ago, as the shell keeps and tells it.

use std::{fs, os::unix::fs::PermissionsExt};

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use opsdash_testbed::{
    servers::postgres::shared,
    shell::{Ran, Shell},
};
use serde_json::{Value as Json, json};

use crate::support::shell;

const PACK: &str = "title = \"Shop\"\nviews = [\"tables\"]\n[[source]]\nname = \"main\"\nengine = \"postgresql\"\n";
const QUERY: &str = "SELECT 'ok' AS severity, '' AS why, name, 130 AS size FROM (VALUES ('a'), ('b')) AS t(name)\n";
const TABLES: &str = r#"
title = "Tables"
source = "main"
query = "tables.sql"
row_key = ["name"]
attention = true
[[column]]
name = "name"
[[column]]
name = "size"
format = "bytes"
[[column]]
name = "growth"
format = "percent"
[[growth]]
column = "size"
days = 7
fills = "growth"
over = 20
severity = "warn"
reason = "grows"
[reason.grows]
says = "grew by {growth} in a week"
"#;

fn shop() -> Shell {
    let url = shared().url("postgres");
    let shell = shell(&format!("[targets.x]\nsystem = \"shop\"\n[targets.x.sources.main]\nurl = \"{url}\"\n"));
    for (name, text) in [("pack.toml", PACK), ("tables.toml", TABLES), ("tables.sql", QUERY)] {
        shell.write(&format!(".config/opsdash/packs/shop/{name}"), text).unwrap();
    }
    shell
}

fn day(ago: i64) -> String {
    let day = Timestamp::now().to_zoned(TimeZone::UTC).date();
    day.checked_sub(ago.days()).unwrap().to_string()
}

fn kept(shell: &Shell) -> Json {
    serde_json::from_str(&fs::read_to_string(shell.state().join("days.json")).unwrap()).unwrap()
}

fn run(shell: &Shell, arguments: &[&str], code: i32) -> Ran {
    let ran = shell.run(arguments);
    assert_eq!(ran.code, Some(code), "{arguments:?}: {}{}", ran.out, ran.err);
    ran
}

#[test]
fn a_check_remembers_and_a_week_later_what_has_grown_is_found() {
    let shell = shop();
    run(&shell, &["check"], 0);
    let today = json!({"a": {day(0): 130}, "b": {day(0): 130}});
    assert_eq!(kept(&shell)["targets"]["x"]["tables.size"], today);
    assert_eq!(shell.state().join("days.json").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let rows = run(&shell, &["show", "tables", "--format", "json"], 0).json();
    assert_eq!(rows["rows"][0]["values"]["growth"], "0 of 7 d");

    let earlier = json!({"schema": 1, "targets": {"x": {"tables.size": {"a": {day(7): 100}, "b": {day(3): 1}}}}});
    fs::write(shell.state().join("days.json"), earlier.to_string()).unwrap();
    let checked = run(&shell, &["check"], 1);
    assert!(checked.out.contains("grew by 30 % in a week"), "{}", checked.out);
    let rows = run(&shell, &["show", "tables"], 0);
    assert!(rows.out.contains("30 %") && rows.out.contains("3 of 7 d"), "{}", rows.out);
    assert_eq!(kept(&shell)["targets"]["x"]["tables.size"]["a"], json!({day(7): 100, day(0): 130}));
}

#[test]
fn a_file_of_days_that_others_could_have_written_is_no_memory_and_stays_as_it_is() {
    let shell = shop();
    run(&shell, &["check"], 0);
    let path = shell.state().join("days.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let before = fs::read(&path).unwrap();
    let checked = run(&shell, &["check"], 3);
    assert!(
        checked.out.contains("earlier days cannot be read") && checked.out.contains("days.json"),
        "{}",
        checked.out
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}
