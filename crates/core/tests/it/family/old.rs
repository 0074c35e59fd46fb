//! What stays of a database that answered once and does not answer now.

use std::collections::BTreeMap;

use opsdash_core::{
    export::Document,
    time::Monotonic,
    value::{Old, Row},
    view::{detail, list, overview},
};
use proptest::prelude::*;

use super::*;

fn row<'h>(harness: &'h Harness, view: &str, key: &str) -> &'h Row {
    let rows = &harness.panel(view).default_snapshot().unwrap().rows;
    rows.iter().find(|row| row.key.as_str() == key).unwrap_or_else(|| panic!("{key}: {rows:#?}"))
}

fn orders(rows: &[(&str, &str, Severity)]) -> Table {
    let rows: Vec<(String, Severity, Vec<Value>)> = rows
        .iter()
        .map(|(database, id, severity)| {
            let cells = vec![Value::text(database), Value::text("tenant"), Value::Null, Value::text(id)];
            (RowKey::of(&[database, id]).as_str().to_owned(), *severity, cells)
        })
        .collect();
    let rows = rows.iter().map(|(key, severity, cells)| (key.as_str(), *severity, "", cells.clone())).collect();
    table(&["database", "kind", "label", "id"], rows)
}

fn at(harness: &Harness) -> Monotonic {
    harness.model.clock.mono
}

#[test]
fn the_values_of_a_database_that_fails_stay_with_their_age_and_its_verdict_is_new() {
    let mut harness = harness();
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a", "shop_b"]), Vec::new());
    let read_at = at(&harness);
    harness.press("2");
    harness.wait(20_000);
    let closed = silent("shop_b", "tenant", FailureKind::Privilege);
    answer(&mut harness, "fleet", Part::List, fleet(&["shop_a"]), vec![closed.clone()]);
    let b = row(&harness, "fleet", "shop_b");
    assert_eq!((b.severity, b.why.as_ref()), (UNKNOWN, "no privilege: shop_b does not answer"));
    assert_eq!((b.old, &b.cells[1]), (Some(Old { since: read_at, severity: OK }), &Value::Int(7)));
    assert_eq!(row(&harness, "fleet", "shop_a").old, None);
    let shown = plain(&list::lines(&harness.model).unwrap());
    let shown = shown.iter().find(|line| line.contains("shop_b")).unwrap();
    assert!(shown.contains("?~shop_b") && shown.contains('7'), "{shown}");
    let document = Document::of("floor-1", harness.model.pack().view(harness.panel("fleet").view), [b].into_iter());
    assert_eq!(document.rows[0].doubt, Some("source_down"));
    harness.press("Enter");
    let told = plain(&detail::lines(&harness.model)).join("\n");
    assert!(told.contains("~ 20s old") && told.contains("did not answer when it was asked last"), "{told}");
    harness.press("Esc");
    harness.wait(20_000);
    answer(&mut harness, "fleet", Part::List, fleet(&["shop_a"]), vec![closed]);
    assert_eq!(
        row(&harness, "fleet", "shop_b").old.unwrap().since,
        read_at,
        "as old as it is, not as the last failure"
    );
    harness.wait(20_000);
    answer(&mut harness, "fleet", Part::List, fleet(&["shop_a", "shop_b"]), Vec::new());
    assert_eq!((row(&harness, "fleet", "shop_b").old, row(&harness, "fleet", "shop_b").severity), (None, OK));
}

#[test]
fn the_overview_tells_how_old_the_row_of_a_silent_database_is() {
    let mut harness = harness();
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a", "shop_b"]), Vec::new());
    harness.wait(20_000);
    let gone = silent("shop_b", "tenant", FailureKind::Unreachable);
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a"]), vec![gone]);
    let shown = plain(&overview::lines(&harness.model)).join("\n");
    assert!(shown.contains("20s old  shop_b is out of reach: unreachable: shop_b does not answer"), "{shown}");
    let mut new = self::harness();
    answer(
        &mut new,
        "fleet",
        Part::Summary,
        fleet(&["shop_a"]),
        vec![silent("shop_b", "tenant", FailureKind::Timeout)],
    );
    let shown = plain(&overview::lines(&new.model)).join("\n");
    assert!(shown.contains("shop_b is out of reach") && !shown.contains(" old"), "nothing was ever known: {shown}");
    assert_eq!(row(&new, "fleet", "shop_b").cells[1], Value::Unknown);
}

#[test]
fn a_view_with_several_rows_a_database_keeps_those_of_one_that_fails_beside_why() {
    let mut harness = harness();
    harness.press("4");
    let all = [("shop_a", "1", OK), ("shop_b", "1", CRIT), ("shop_b", "2", OK)];
    answer(&mut harness, "orders", Part::List, orders(&all), Vec::new());
    harness.answer("orders", Part::Enrich(0), Table::default());
    harness.wait(60_000);
    let gone = silent("shop_b", "tenant", FailureKind::Timeout);
    answer(&mut harness, "orders", Part::List, orders(&all[..1]), vec![gone.clone()]);
    let told: Vec<(String, Severity, bool)> = harness
        .panel("orders")
        .default_snapshot()
        .unwrap()
        .rows
        .iter()
        .map(|row| (row.key.as_str().to_owned(), row.severity, row.old.is_some()))
        .collect();
    let expected = [
        (r#"["shop_b","1"]"#, CRIT, true),
        (r#"["shop_b",""]"#, UNKNOWN, false),
        (r#"["shop_a","1"]"#, OK, false),
        (r#"["shop_b","2"]"#, OK, true),
    ];
    assert_eq!(told, expected.map(|(key, severity, old)| (key.to_owned(), severity, old)));
    let counts = harness.panel("orders").default_snapshot().unwrap().counts;
    assert_eq!((counts.crit, counts.unknown, counts.ok), (1, 1, 2));
    let Question::Statement { bind, .. } = harness.take("orders", Part::Enrich(0)).question else { panic!() };
    assert_eq!(bind.keys, [RowKey::of(&["shop_a", "1"])], "who is silent is not asked for more");
    harness.wait(60_000);
    answer(&mut harness, "orders", Part::List, orders(&all[..1]), vec![gone]);
    assert_eq!(harness.panel("orders").default_snapshot().unwrap().rows.len(), 4, "for as long as it is silent");
    harness.wait(60_000);
    answer(&mut harness, "orders", Part::List, orders(&[("shop_a", "1", OK), ("shop_b", "2", OK)]), Vec::new());
    assert_eq!(severities(&harness, "orders").len(), 2, "what it does not have any more goes when it answers");
}

#[test]
fn a_database_that_is_gone_or_new_is_told_once_and_leaves_no_row() {
    let mut harness = harness();
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a", "shop_b", "shop_c"]), Vec::new());
    assert!(harness.model.notice.is_none(), "at first every one is new");
    harness.wait(60_000);
    let closed = silent("shop_c", "tenant", FailureKind::Privilege);
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a", "shop_x"]), vec![closed.clone()]);
    assert_eq!(harness.model.notice.as_ref().unwrap().text, "tenants: shop_b is gone, shop_x is new");
    let told_at = at(&harness);
    assert_eq!(severities(&harness, "fleet").len(), 3);
    harness.press("2");
    assert!(plain(&list::lines(&harness.model).unwrap())[0].contains("gone: shop_b"));
    harness.wait(60_000);
    answer(&mut harness, "fleet", Part::List, fleet(&["shop_a", "shop_x"]), vec![closed.clone()]);
    assert_eq!(harness.model.notice.as_ref().unwrap().at, told_at, "once");
    harness.wait(3_700_000);
    answer(&mut harness, "fleet", Part::List, fleet(&["shop_a", "shop_x"]), vec![closed]);
    assert!(!plain(&list::lines(&harness.model).unwrap())[0].contains("gone"));
}

#[test]
fn the_databases_of_a_server_that_does_not_tell_them_are_silent_and_not_gone() {
    let mut harness = harness();
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a", "shop_b"]), Vec::new());
    harness.wait(60_000);
    let server = silent("db2:5432", "", FailureKind::Unreachable);
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a"]), vec![server.clone()]);
    let b = row(&harness, "fleet", "shop_b");
    assert_eq!((b.severity, b.old.is_some(), &b.cells[1]), (CRIT, true, &Value::Int(7)));
    assert!(b.why.contains("db2:5432 does not answer"), "{}", b.why);
    assert!(harness.model.notice.is_none() && first_line(&harness).contains("1/3"), "{}", first_line(&harness));
    harness.wait(60_000);
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a"]), vec![server]);
    assert_eq!(row(&harness, "fleet", "shop_b").cells[1], Value::Int(7), "as long as it says nothing");
    harness.wait(60_000);
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a"]), Vec::new());
    assert_eq!(harness.model.notice.as_ref().unwrap().text, "tenants: shop_b is gone");
}

#[test]
fn a_bell_rings_for_what_is_crit_and_was_not_before_its_database_fell_silent() {
    let closed = || vec![silent("shop_a", "tenant", FailureKind::Privilege)];
    for (before, rings) in [(OK, true), (CRIT, false)] {
        let mut harness = harness();
        let with = |severity| {
            let mut table = fleet(&["shop_a"]);
            table.rows[0].severity = severity;
            table
        };
        answer(&mut harness, "fleet", Part::Summary, with(before), Vec::new());
        harness.wait(60_000);
        answer(&mut harness, "fleet", Part::Summary, fleet(&[]), closed());
        harness.wait(60_000);
        harness.other.clear();
        answer(&mut harness, "fleet", Part::Summary, with(CRIT), Vec::new());
        assert_eq!(harness.other.contains(&Effect::Bell), rings, "after {before:?}");
    }
}

#[test]
fn what_is_old_is_compared_with_nobody_and_fills_no_other_view() {
    let mut harness = comparing();
    let rows = [("a", "tenant", Some("x"), 9, 3, None), ("b", "tenant", Some("x"), 5, 3, None)];
    answer(&mut harness, "fleet", Part::Summary, compared(&rows), Vec::new());
    assert_eq!(why(&harness, "b"), (WARN, "4 migrations behind".into()));
    harness.answer("societes", Part::Summary, societes(&[("1", "a"), ("2", "b")]));
    assert_eq!(row(&harness, "societes", "1").cells[2], Value::Int(7));
    harness.wait(60_000);
    let closed = silent("a", "tenant", FailureKind::Privilege);
    answer(&mut harness, "fleet", Part::Summary, compared(&rows[1..]), vec![closed]);
    assert_eq!(why(&harness, "b").0, OK, "nobody knows whether a is ahead still");
    assert_eq!(row(&harness, "societes", "1").cells[2], Value::Unknown, "there nothing would say that it is old");
    assert_eq!((row(&harness, "societes", "1").severity, row(&harness, "societes", "2").severity), (UNKNOWN, OK));
}

/// What a database does when it is asked.
#[derive(Debug, Clone, Copy)]
enum Does {
    Answers(i64),
    Fails(FailureKind),
    IsGone,
}

fn does() -> impl Strategy<Value = Does> {
    prop_oneof![
        (0_i64..5).prop_map(Does::Answers),
        prop_oneof![Just(FailureKind::Privilege), Just(FailureKind::Unreachable)].prop_map(Does::Fails),
        Just(Does::IsGone),
    ]
}

proptest! {
    #[test]
    fn an_old_value_is_never_shown_as_new_nor_lost(steps in prop::collection::vec(prop::array::uniform3(does()), 1..8)) {
        const NAMES: [&str; 3] = ["shop_a", "shop_b", "shop_c"];
        let mut harness = harness();
        harness.answer("societes", Part::Summary, societes(&[("1", "shop_a"), ("2", "shop_b"), ("3", "shop_c")]));
        let mut known: BTreeMap<&str, (i64, Monotonic)> = BTreeMap::new();
        for step in steps {
            let (mut table, mut failed) = (fleet(&[]), Vec::new());
            for (name, does) in NAMES.into_iter().zip(step) {
                match does {
                    Does::Answers(n) => {
                        let mut own = fleet(&[name]);
                        own.rows[0].cells[3] = Value::Int(n);
                        table.counts = table.counts.and(own.counts);
                        table.rows.extend(own.rows);
                        table.columns = own.columns;
                        known.insert(name, (n, at(&harness)));
                    }
                    Does::Fails(kind) => failed.push(silent(name, "tenant", kind)),
                    Does::IsGone => drop(known.remove(name)),
                }
            }
            answer(&mut harness, "fleet", Part::Summary, table, failed);
            let snapshot = harness.panel("fleet").default_snapshot().unwrap();
            prop_assert_eq!(snapshot.counts.total(), snapshot.rows.len() as u64);
            for (name, does) in NAMES.into_iter().zip(step) {
                let row = snapshot.rows.iter().find(|row| row.key.as_str() == name);
                let shown = row.map(|row| (row.severity == OK, row.cells[1].clone(), row.old.map(|old| old.since)));
                let was = known.get(name).map(|(n, at)| (Value::Int(*n), *at));
                let expected = match (does, was) {
                    (Does::Answers(n), _) => Some((true, Value::Int(n), None)),
                    (Does::Fails(_), Some((value, since))) => Some((false, value, Some(since))),
                    (Does::Fails(_), None) => Some((false, Value::Unknown, None)),
                    (Does::IsGone, _) => None,
                };
                prop_assert_eq!(shown, expected, "{}", name);
                let key = (1 + NAMES.iter().position(|known| *known == name).unwrap()).to_string();
                let joined = &self::row(&harness, "societes", &key).cells[2];
                let of_now = match does {
                    Does::Answers(n) => Value::Int(n),
                    Does::Fails(_) => Value::Unknown,
                    Does::IsGone => Value::Null,
                };
                prop_assert_eq!(joined, &of_now, "{} as another view has it", name);
            }
            harness.wait(60_000);
        }
    }
}
