//! The filters that people type on the views of our packs: each answers, or says what is wrong with it.

use opsdash_core::{
    filter::{Candidate, Filter, find_column},
    time::{Time, Zone},
    value::{Severity, Value},
};
use opsdash_pack::pack::View;

use super::views;
use crate::support::our_pack;

/// Midnight of 2026-11-20, in UTC.
const NOW: Time = Time(1_795_132_800_000_000);
const HOUR: i64 = 3_600_000;

fn view(id: &str) -> &'static View {
    let pack = our_pack();
    pack.view(pack.find(id).unwrap())
}

/// A row of a view with these cells; of the others nothing is known.
fn row(view: &View, cells: &[(&str, Value)]) -> Vec<Value> {
    let mut row = vec![Value::Null; view.columns.len()];
    for (name, cell) in cells {
        row[view.column(name).unwrap_or_else(|| panic!("{name}"))] = cell.clone();
    }
    row
}

fn ago(hours: i64) -> Value {
    Value::Time(NOW.plus_ms(-hours * HOUR))
}

/// Whether a row passes, or what is said of the filter.
fn passes(line: &str, view: &View, cells: &[(&str, Value)]) -> Result<bool, String> {
    let cells = row(view, cells);
    let row = Candidate { severity: Severity::Warn, why: "late", reason: None, cells: &cells, now: NOW };
    Filter::parse(line, &view.columns, &Zone::Utc).map(|filter| filter.unwrap().accepts(&row))
}

#[test]
fn counts_and_ages_of_a_cause() {
    let errors = view("errors");
    let cause = [("tenants", Value::Int(15)), ("events", Value::Int(4)), ("last_at", ago(2)), ("first_at", ago(50))];
    let told = |line: &str| passes(line, errors, &cause);
    for (line, expected) in [
        ("tenants>=15", true),
        ("tenants<=14", false),
        ("events>3", true),
        ("last<1h", false),
        ("last>1h", true),
        ("first>2d", true),
        ("first>3d", false),
    ] {
        assert_eq!(told(line), Ok(expected), "{line}");
    }
    assert_eq!(told("events>abc").unwrap_err(), "\"abc\" is no number");
    assert_eq!(told("/[/").unwrap_err(), "/[/: unclosed character class");
    assert!(told("foo:bar").unwrap_err().starts_with("no column \"foo\"; columns: events, tenants, last, state, "));
}

#[test]
fn the_age_of_an_entry() {
    let log = view("error_log");
    let entry = [("at", ago(2)), ("status_code", Value::Int(503))];
    assert_eq!(passes("age<1h", log, &entry), Ok(false));
    assert_eq!(passes("age<3600s", log, &entry), Ok(false));
    assert_eq!(passes("age>=2h", log, &entry), Ok(true));
    assert_eq!(passes("status>500", log, &entry), Ok(true));
    assert_eq!(passes("status_code>=503", log, &entry), Ok(true));
    let said = passes("age<3600", log, &entry).unwrap_err();
    assert_eq!(said, "\"3600\" has no unit: write 3600s, 3600h, 3600d");
}

#[test]
fn what_is_left_and_used_of_a_license() {
    let licenses = view("licenses");
    let cells = [("expires_at", ago(-240)), ("usage_count", Value::Int(80)), ("max_usage_count", Value::Int(100))];
    for (line, expected) in [
        ("expires<30d", true),
        ("expires<1w", false),
        ("expires>=2026-11-30", true),
        ("used>9", true),
        ("used>=80%", true),
        ("used>80%", false),
    ] {
        assert_eq!(passes(line, licenses, &cells), Ok(expected), "{line}");
    }
    assert_eq!(passes("expires<30", licenses, &cells).unwrap_err(), "\"30\" has no unit: write 30s, 30h, 30d");
}

#[test]
fn the_sizes_and_dates_of_an_update() {
    let updates = view("updates");
    let cells = [("file_size", Value::Int(209_000)), ("file_length", Value::Int(211_500)), ("created_at", ago(24))];
    for (line, expected) in [
        ("file_size>200KB", true),
        ("file_size>200000", true),
        ("file_size>211000", false),
        ("\"catalog size\">211000", false),
        ("\"stored size\">211000", true),
        ("stored-size>211KB", true),
        ("file_length>211000", true),
        ("created>=2026-11-01", true),
        ("created<2026-11-01", false),
    ] {
        assert_eq!(passes(line, updates, &cells), Ok(expected), "{line}");
    }
    // Neither is silently the other.
    let said = passes("size>200000", updates, &cells).unwrap_err();
    assert!(said.starts_with("no column \"size\"; columns: ") && said.contains("\"catalog size\", \"stored size\""));
}

#[test]
fn every_column_that_is_drawn_is_found_by_its_title_and_namesakes_are_told_apart() {
    for (id, view) in views() {
        for at in view.drawn() {
            let title = view.columns[at].title.trim();
            let namesakes: Vec<usize> =
                view.drawn().into_iter().filter(|other| view.columns[*other].title.trim() == title).collect();
            match find_column(&view.columns, title) {
                Ok(found) if found == at => {}
                Ok(found) => assert!(namesakes.contains(&found) && view.columns[found].name == title, "{id}: {title}"),
                Err(said) => assert!(namesakes.len() > 1 && said.contains(&view.columns[at].name), "{id}: {said}"),
            }
        }
    }
}

#[test]
fn every_name_of_output_is_a_column_of_the_filter_unless_it_is_the_title_of_another() {
    for (id, view) in views() {
        for (at, column) in view.columns.iter().enumerate() {
            let is_title =
                view.drawn().into_iter().any(|other| other != at && view.columns[other].title == column.name);
            let found = find_column(&view.columns, &column.name);
            assert!(found == Ok(at) || is_title, "{id}: {} is {found:?}", column.name);
        }
    }
}
