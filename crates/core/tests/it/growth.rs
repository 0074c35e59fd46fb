//! Rows that are held against what they were some days ago.

use std::sync::Arc;

use opsdash_core::{
    contract::{Part, Table},
    days::{DayMemory, DayValue},
    effect::{Effect, RunId},
    model::{Choices, Demand},
    msg::Msg,
    time::Date,
    update::is_settled,
    value::{RowKey, Severity, Value},
};
use opsdash_pack::{
    language::{self, PackFiles},
    pack::{Pack, ViewId},
};

use crate::support::{FLOORS, Harness, OK, UNKNOWN, WARN, start, table};

const PACK: &str = "title = \"Shop\"\nviews = [\"tables\"]\n[[source]]\nname = \"main\"\nengine = \"postgresql\"\n";

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
[[facet]]
name = "schema"
choices = ["public", "all"]
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

/// Of the harness's clock.
const TODAY: Date = Date(20_777);

fn pack() -> Arc<Pack> {
    let files = [("pack.toml", PACK), ("tables.toml", TABLES), ("tables.sql", "SELECT :schema::text")];
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let layer = PackFiles { system: "shop".into(), origin: "packs/shop".into(), files };
    Arc::new(language::load(&[layer], &[]).unwrap_or_else(|problems| panic!("{problems}")))
}

fn value(row: &str, days_ago: i32, value: i64) -> DayValue {
    let day = Date(TODAY.0 - days_ago);
    DayValue { column: "tables.size".into(), key: RowKey::of(&[row]), day, value }
}

fn remembering(memory: Result<DayMemory, String>) -> Harness {
    Harness::changed(&pack(), &FLOORS, (120, 30), |start| start.targets[0].days = memory)
}

fn known(values: &[DayValue]) -> DayMemory {
    let mut memory = DayMemory::default();
    values.iter().cloned().for_each(|value| memory.add(value));
    memory
}

fn sizes(rows: &[(&'static str, Value)]) -> Table {
    let row = |(name, size): &(&'static str, Value)| (*name, OK, "", vec![Value::text(name), size.clone()]);
    table(&["name", "size"], rows.iter().map(row).collect())
}

/// Severity, what the column shows, and why.
fn told(harness: &Harness, key: &str) -> (Severity, Value, String) {
    let rows = &harness.panel("tables").default_snapshot().unwrap().rows;
    let row = rows.iter().find(|row| row.key.as_str() == key).unwrap();
    (row.severity, row.cells[2].clone(), row.why.to_string())
}

fn kept(harness: &Harness) -> Vec<Vec<DayValue>> {
    let kept = |effect: &Effect| match effect {
        Effect::KeepDays { values, .. } => Some(values.clone()),
        _ => None,
    };
    harness.other.iter().filter_map(kept).collect()
}

#[test]
fn what_is_seen_first_on_a_day_is_kept_once_and_is_no_finding_before_so_many_days_are_known() {
    let mut harness = remembering(Ok(known(&[])));
    let rows = [("a", Value::Int(100)), ("b", Value::Null), ("c", Value::Float(0.5))];
    harness.answer("tables", Part::Summary, sizes(&rows));
    assert_eq!(told(&harness, "a"), (OK, Value::text("0 of 7 d"), String::new()));
    assert_eq!((told(&harness, "b").1, told(&harness, "c").1), (Value::Null, Value::Null), "only whole numbers are");
    assert_eq!(kept(&harness), [[value("a", 0, 100)]]);
    harness.wait(60_000);
    harness.answer("tables", Part::Summary, sizes(&[("a", Value::Int(900)), ("d", Value::Int(7))]));
    assert_eq!(kept(&harness)[1..], [[value("d", 0, 7)]], "and those that are new on it");
    harness.wait(24 * 3_600_000);
    harness.answer("tables", Part::Summary, sizes(&[("a", Value::Int(900))]));
    assert_eq!(told(&harness, "a").1, Value::text("1 of 7 d"));
    assert_eq!(kept(&harness)[2..], [[value("a", -1, 900)]]);
}

#[test]
fn what_has_grown_by_more_than_it_may_is_a_finding_with_its_reason() {
    let days = [value("a", 7, 100), value("b", 7, 100), value("c", 3, 1), value("d", 7, 100)];
    let mut harness = remembering(Ok(known(&days)));
    let rows = ["a", "b", "c", "d"].into_iter().zip([121, 120, 500, 40].map(Value::Int)).collect::<Vec<_>>();
    harness.answer("tables", Part::Summary, sizes(&rows));
    assert_eq!(told(&harness, "a"), (WARN, Value::Float(21.0), "grew by 21 % in a week".into()));
    assert_eq!(told(&harness, "b"), (OK, Value::Float(20.0), String::new()), "20 is not over 20");
    assert_eq!(told(&harness, "c"), (OK, Value::text("3 of 7 d"), String::new()));
    assert_eq!(told(&harness, "d"), (OK, Value::Float(-60.0), String::new()));
    let snapshot = harness.panel("tables").default_snapshot().unwrap();
    assert_eq!((snapshot.counts.warn, snapshot.counts.ok, snapshot.reasons.of(WARN, "grows")), (1, 3, 1));
    harness.press("2");
    harness.answer("tables", Part::List, sizes(&rows));
    assert_eq!(told(&harness, "a").0, WARN, "in the tab too");
    harness.press("/");
    harness.type_in("growth>20%");
    assert_eq!(harness.keys("tables"), ["a"]);
}

#[test]
fn where_earlier_days_cannot_be_read_nothing_is_well_and_why_is_told() {
    let mut harness = remembering(Err("days.json: others may write to it".into()));
    harness.answer("tables", Part::Summary, sizes(&[("a", Value::Int(100))]));
    let (severity, shown, why) = told(&harness, "a");
    assert_eq!((severity, shown), (UNKNOWN, Value::Unknown));
    assert!(why.contains("others may write to it"), "{why}");
    assert_eq!(kept(&harness).len(), 0, "what is there is left alone");
}

#[test]
fn under_other_choices_nothing_is_remembered() {
    let mut harness = remembering(Ok(known(&[])));
    let view = ViewId(0);
    let choices = Choices { facets: vec![Some("all".into())], ..Choices::of(harness.model.pack().view(view)) };
    harness.open_view(view, choices);
    harness.answer("tables", Part::List, sizes(&[("a", Value::Int(100))]));
    assert_eq!(kept(&harness).len(), 0);
}

#[test]
fn a_script_waits_until_the_day_is_kept() {
    let pack = pack();
    let demand = Demand::Once { view: ViewId(0), choices: Choices::of(pack.view(ViewId(0))) };
    let mut start = start(&pack, &FLOORS, (120, 30));
    start.demand = demand;
    let mut harness = Harness::starting(start);
    harness.begin();
    harness.answer("tables", Part::List, sizes(&[("a", Value::Int(100))]));
    assert_eq!(kept(&harness).len(), 1);
    assert!(!is_settled(&harness.model, ViewId(0)));
    harness.tell(Msg::Done { run: RunId::KeepDays, result: Ok(String::new()) });
    assert!(is_settled(&harness.model, ViewId(0)) && harness.model.notice.is_none());
}
