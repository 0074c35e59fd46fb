//! What is known of rows: enrichments, counts, reasons, the bell.

use opsdash_core::{
    contract::{Content, FailureKind, Listing, Part, Question, Read, StoredFile, Table, VerifyResult},
    effect::Effect,
    text,
    time::Time,
    value::{ArcStr, Counts, Doubt, RowKey, Severity, Value},
    view::{header, list, overview},
};

use crate::support::{
    CRIT, FLOORS, Harness, OK, UNKNOWN, WARN, customers, lateness, orders, plain, shop, shop_made, table,
};

/// The Customers tab on a low screen (six rows), with this many rows.
fn at_customers(count: usize) -> Harness {
    let mut harness = Harness::sized(120, 12);
    harness.press("3");
    harness.answer("customers", Part::List, many_customers(count));
    harness
}

fn many_customers(count: usize) -> Table {
    let ids: Vec<String> = (0..count).map(|at| format!("c{at:02}")).collect();
    customers(&ids.iter().map(String::as_str).collect::<Vec<_>>())
}

fn keys_of(read: &Read) -> Vec<&str> {
    let Question::Statement { bind, .. } = &read.question else { panic!("a statement") };
    bind.keys.iter().map(RowKey::as_str).collect()
}

#[test]
fn where_it_is_narrow_what_fills_gives_way_before_it_goes() {
    let id = "order-0123456789-abcdefg";
    let note = |columns: u16| {
        let harness = Harness::sized(columns, 24).open_orders(&[(id, CRIT)]);
        let row = plain(&list::lines(&harness.model).unwrap()).into_iter().find(|row| row.contains(id)).unwrap();
        text::width(row.split_once(id).unwrap().1.trim())
    };
    assert_eq!([48, 46, 40].map(note), [18, 16, 0]);
}

/// Answers the trend of the rows that were asked about.
fn answer_trend(harness: &mut Harness, value: f64) -> Vec<String> {
    let read = harness.take("customers", Part::Enrich(1));
    let keys: Vec<String> = keys_of(&read).into_iter().map(str::to_owned).collect();
    let cell = || vec![Value::list(vec![Value::Float(value)])];
    let rows = keys.iter().map(|key| (key.as_str(), OK, "", cell())).collect();
    harness.reply(&read, Ok(Content::Table(table(&["trend"], rows))));
    keys
}

fn trend(harness: &Harness, at: usize) -> Value {
    harness.panel("customers").list_snapshot().unwrap().rows[at].cells[3].clone()
}

fn bells(harness: &Harness) -> usize {
    harness.other.iter().filter(|effect| **effect == Effect::Bell).count()
}

#[test]
fn rows_that_come_on_screen_are_enriched_and_no_row_twice() {
    let mut harness = at_customers(30);
    let mut asked = answer_trend(&mut harness, 1.0);
    assert_eq!(asked[0], "c00");
    for _ in 0..29 {
        harness.press("j");
        if harness.has_asked("customers", Part::Enrich(1)) {
            asked.extend(answer_trend(&mut harness, 1.0));
        }
    }
    let mut once = asked.clone();
    once.sort();
    once.dedup();
    assert_eq!((asked.len(), once.len()), (30, 30));
}

#[test]
fn a_sort_asks_for_the_rows_that_it_brings_on_screen() {
    let mut harness = at_customers(30);
    answer_trend(&mut harness, 1.0);
    harness.press("s s g g");
    let read = harness.take("customers", Part::Enrich(1));
    assert_eq!(keys_of(&read)[0], "c29");
}

#[test]
fn a_column_of_mixed_kinds_has_an_order() {
    let mut harness = Harness::new();
    harness.press("3");
    let ids: Vec<String> = (0..90).map(|at| format!("c{at:02}")).collect();
    let name = |at: usize| match at % 3 {
        0 => Value::text(&format!("n{}", (at * 7) % 90)),
        1 => Value::Int(i64::try_from((at * 11) % 90).unwrap()),
        _ => Value::Time(Time(i64::try_from((at * 13) % 90).unwrap())),
    };
    let row = |(at, id): (usize, &'static str)| (id, OK, "", vec![Value::text(id), name(at)]);
    let ids = ids.into_iter().map(|id| &*id.leak()).enumerate();
    harness.answer("customers", Part::List, table(&["id", "name"], ids.map(row).collect()));
    harness.press("Right s");
    let rows = &harness.panel("customers").list_snapshot().unwrap().rows;
    let sorted: Vec<&Value> =
        harness.panel("customers").list.order.iter().map(|at| &rows[*at as usize].cells[1]).collect();
    assert!(sorted[..30].iter().all(|value| matches!(value, Value::Int(_))), "{sorted:?}");
    assert!(sorted[30..60].iter().all(|value| matches!(value, Value::Time(_))), "{sorted:?}");
    assert!(sorted[60..].iter().all(|value| matches!(value, Value::Text(_))), "{sorted:?}");
}

#[test]
fn an_enriched_cell_stays_through_a_refresh_until_its_own_answer_or_failure() {
    let mut harness = at_customers(3);
    assert_eq!(trend(&harness, 0), Value::Unknown);
    answer_trend(&mut harness, 1.0);
    harness.wait(30_000);
    harness.answer("customers", Part::List, many_customers(3));
    assert_eq!(trend(&harness, 0), Value::list(vec![Value::Float(1.0)]), "the last value, not a flicker");
    harness.fail("customers", Part::Enrich(1), FailureKind::Timeout);
    assert_eq!(trend(&harness, 0), Value::Unknown, "what failed is not shown as if it were new");
    assert!(!harness.has_asked("customers", Part::Enrich(1)), "it rests first");
    harness.wait(10_000);
    answer_trend(&mut harness, 2.0);
    assert_eq!(trend(&harness, 0), Value::list(vec![Value::Float(2.0)]));
}

#[test]
fn a_row_that_the_enrichment_does_not_list_has_what_the_pack_says() {
    let mut harness = at_customers(2);
    let read = harness.take("customers", Part::Enrich(1));
    harness.reply(&read, Ok(Content::Table(table(&["trend"], vec![]))));
    assert_eq!(trend(&harness, 0), Value::Null);
    assert!(!harness.has_asked("customers", Part::Enrich(1)), "it has answered");
}

#[test]
fn rows_beyond_the_limit_that_another_view_may_judge_are_unknown_not_ok() {
    let mut harness = Harness::new();
    harness.press("3");
    let mut listed = customers(&["c1", "c2"]);
    listed.counts = Counts { ok: 500, warn: 3, ..Counts::default() };
    listed.truncated = true;
    harness.answer("customers", Part::List, listed);
    harness.answer("lateness", Part::List, lateness(&[("c2", 3)]));
    let counts = harness.panel("customers").list_snapshot().unwrap().counts;
    assert_eq!(counts, Counts { ok: 1, warn: 3, crit: 1, unknown: 498, ..Counts::default() });
}

#[test]
fn a_judge_that_fails_leaves_its_last_word_marked_old() {
    let mut harness = Harness::new();
    harness.press("3");
    harness.answer("customers", Part::List, customers(&["c1"]));
    harness.answer("lateness", Part::List, lateness(&[]));
    assert_eq!(harness.panel("customers").list_snapshot().unwrap().rows[0].severity, OK);
    harness.wait(30_000);
    harness.fail("lateness", Part::List, FailureKind::Schema);
    let row = &harness.panel("customers").list_snapshot().unwrap().rows[0];
    assert_eq!((row.severity, &row.cells[2], row.doubt), (OK, &Value::Int(0), Some(Doubt::SourceDown)));
    let lines = plain(&list::lines(&harness.model).unwrap());
    assert!(lines[0].contains("~ 30s old"), "{}", lines[0]);
}

#[test]
fn a_judge_that_never_answered_makes_its_rows_unknown_and_never_ok() {
    let mut harness = Harness::new();
    harness.press("3");
    harness.answer("customers", Part::List, customers(&["c1"]));
    harness.fail("lateness", Part::List, FailureKind::Schema);
    let row = &harness.panel("customers").list_snapshot().unwrap().rows[0];
    assert_eq!((row.severity, &row.cells[2]), (UNKNOWN, &Value::Unknown));
    assert_eq!(&*row.why, "Lateness: schema: it did not answer");
}

#[test]
fn what_a_judge_of_trouble_alone_does_not_know_leaves_a_row() {
    let pack = shop_made(|files| {
        let text = files.get_mut("customers.toml").unwrap();
        *text = text.replace("absent = { late", "only_trouble = true\nabsent = { late");
    });
    let mut harness = Harness::of(&pack, &FLOORS, (120, 30));
    harness.press("3");
    harness.answer("customers", Part::List, customers(&["c1", "c2", "c3"]));
    let judge = |severities: &[Severity]| {
        let mut table = lateness(&[("c1", 1), ("c2", 2), ("c3", 3)]);
        for (row, severity) in table.rows.iter_mut().zip(severities) {
            row.severity = *severity;
        }
        table
    };
    let severities = |harness: &Harness| {
        let rows = &harness.panel("customers").list_snapshot().unwrap().rows;
        rows.iter().map(|row| (row.key.as_str().to_owned(), row.severity)).collect::<Vec<_>>()
    };
    harness.answer("lateness", Part::List, judge(&[UNKNOWN, WARN, CRIT]));
    assert_eq!(severities(&harness), [("c3".into(), CRIT), ("c2".into(), WARN), ("c1".into(), OK)]);
    harness.wait(30_000);
    harness.fail("lateness", Part::List, FailureKind::Schema);
    let rows = &harness.panel("customers").list_snapshot().unwrap().rows;
    assert!(rows.iter().all(|row| row.doubt == Some(Doubt::SourceDown)), "its last word is old");
    assert_eq!(severities(&harness), [("c3".into(), CRIT), ("c2".into(), WARN), ("c1".into(), OK)]);
}

#[test]
fn a_row_that_a_cut_judge_does_not_list_is_unknown_and_never_ok() {
    let mut harness = Harness::new();
    harness.press("3");
    harness.answer("customers", Part::List, customers(&["c1", "c2"]));
    let mut judge = lateness(&[("c2", 3)]);
    judge.counts.crit = 7;
    judge.truncated = true;
    harness.answer("lateness", Part::List, judge);
    let rows = &harness.panel("customers").list_snapshot().unwrap().rows;
    assert_eq!((rows[0].key.as_str(), rows[0].severity), ("c2", CRIT));
    assert_eq!((rows[1].severity, &rows[1].cells[2]), (UNKNOWN, &Value::Unknown));
    assert_eq!(&*rows[1].why, "Lateness: has more rows than are loaded");
}

#[test]
fn a_number_finds_the_row_that_judges_it() {
    let mut harness = Harness::new();
    harness.press("3");
    let row = ("7", OK, "", vec![Value::Int(7), Value::text("seven")]);
    harness.answer("customers", Part::List, table(&["id", "name"], vec![row]));
    harness.answer("lateness", Part::List, lateness(&[("7", 3)]));
    let row = &harness.panel("customers").list_snapshot().unwrap().rows[0];
    assert_eq!((row.severity, &row.cells[2]), (CRIT, &Value::Int(3)));
}

#[test]
fn a_list_that_was_cut_says_of_how_many() {
    let mut harness = Harness::new();
    harness.press("2");
    let mut listed = orders(&[("a", CRIT), ("b", OK)]);
    listed.counts = Counts { crit: 1, ok: 1_233, ..Counts::default() };
    listed.truncated = true;
    harness.answer("orders", Part::List, listed);
    let said = plain(&list::lines(&harness.model).unwrap()).swap_remove(0);
    assert!(said.contains("2 of 1 234"), "{said}");
}

#[test]
fn troubled_rows_are_shown_until_the_list_has_come_and_say_so() {
    let mut harness = Harness::new();
    let mut troubled = orders(&[("a", CRIT)]);
    troubled.counts = Counts { crit: 1, ok: 40, ..Counts::default() };
    harness.answer("orders", Part::Summary, troubled);
    harness.press("2");
    assert_eq!(harness.keys("orders"), ["a"]);
    let said = plain(&list::lines(&harness.model).unwrap()).swap_remove(0);
    assert!(said.contains("1 of 41") && said.contains("on its way"), "{said}");
    harness.answer("orders", Part::List, orders(&[("a", CRIT), ("b", OK)]));
    assert_eq!(harness.keys("orders"), ["a", "b"]);
}

#[test]
fn a_tab_counts_the_whole_query_under_the_default_choices() {
    let mut harness = Harness::new();
    let mut troubled = orders(&[("a", CRIT)]);
    troubled.counts = Counts { crit: 412, warn: 7, ok: 40, ..Counts::default() };
    harness.answer("orders", Part::Summary, troubled);
    let tabs = |harness: &Harness| plain(&[header::tabs(&harness.model)]).swap_remove(0);
    assert!(tabs(&harness).contains("Orders ✖412 ▲7"), "{}", tabs(&harness));
    harness.press("2 /");
    harness.type_in("pear");
    harness.press("Enter");
    harness.answer("orders", Part::List, orders(&[("pear", OK)]));
    assert!(tabs(&harness).contains("Orders ✖412 ▲7"), "a search is no news: {}", tabs(&harness));
}

#[test]
fn with_its_store_down_a_catalog_is_listed_as_it_was_known_and_old() {
    let mut harness = Harness::new();
    harness.press("4");
    let cells = vec![
        Value::text("64b7f0a1c2d3e4f5a6b7c8d1"),
        Value::text("one.zip"),
        Value::Int(5),
        Value::text(&"ab".repeat(32)),
        Value::Bool(true),
    ];
    let catalog = || table(&["file_id", "filename", "size", "checksum", "active"], vec![("7", OK, "", cells.clone())]);
    let file = StoredFile {
        stored_id: None,
        id: "64b7f0a1c2d3e4f5a6b7c8d1".into(),
        name: "one.zip".into(),
        length: Some(5),
        chunk_size: None,
        uploaded: None,
        chunks: None,
        metadata: None,
        checked: Some(VerifyResult::Sha256("ab".repeat(32))),
    };
    let listing = || Listing { files: vec![file.clone()], truncated: false, orphans: None };
    harness.answer("stock", Part::List, catalog());
    let severity = |harness: &Harness| harness.panel("stock").list_snapshot().unwrap().rows[0].severity;
    assert_eq!(severity(&harness), UNKNOWN);
    harness.list_store("stock", listing());
    assert_eq!(severity(&harness), OK);
    harness.wait(60_000);
    harness.fail("stock", Part::Store, FailureKind::Unreachable);
    assert_eq!(severity(&harness), OK, "what was right a minute ago is the last that is known");
    let doubt = |harness: &Harness| harness.panel("stock").list_snapshot().unwrap().rows[0].doubt;
    assert_eq!(doubt(&harness), Some(Doubt::SourceDown));
    harness.answer("stock", Part::List, catalog());
    assert_eq!((harness.keys("stock"), severity(&harness)), (vec!["catalog:7".to_owned()], OK));
    assert_eq!(doubt(&harness), Some(Doubt::SourceDown));
    harness.wait(10_000);
    harness.list_store("stock", listing());
    assert_eq!((severity(&harness), doubt(&harness)), (OK, None));
}

#[test]
fn the_bell_rings_for_a_row_that_another_view_makes_crit() {
    let mut harness = Harness::new();
    harness.answer("customers", Part::Summary, customers(&["c1", "c2"]));
    harness.answer("lateness", Part::List, lateness(&[("c1", 2)]));
    assert_eq!(bells(&harness), 0, "the first load rings none, in whatever order it comes");
    harness.wait(60_000);
    harness.answer("lateness", Part::List, lateness(&[("c1", 2), ("c2", 1)]));
    assert_eq!(bells(&harness), 1);
    harness.answer("customers", Part::Summary, customers(&["c1", "c2"]));
    assert_eq!(bells(&harness), 1, "once");
}

#[test]
fn the_bell_is_silent_when_what_was_unknown_for_a_while_is_as_bad_as_before() {
    let mut harness = Harness::new();
    harness.answer("customers", Part::Summary, customers(&["c1"]));
    harness.answer("lateness", Part::List, lateness(&[("c1", 2)]));
    harness.wait(60_000);
    harness.fail("lateness", Part::List, FailureKind::Timeout);
    harness.wait(60_000);
    harness.answer("lateness", Part::List, lateness(&[("c1", 2)]));
    assert_eq!(bells(&harness), 0);
}

#[test]
fn the_store_judging_files_for_the_first_time_rings_no_bell() {
    let mut harness = Harness::new();
    let cells = vec![Value::text("x"), Value::Null, Value::Null, Value::Null, Value::Bool(true)];
    let catalog = table(&["file_id", "filename", "size", "checksum", "active"], vec![("7", OK, "", cells)]);
    harness.answer("stock", Part::Summary, catalog);
    harness.list_store("stock", Listing::default());
    assert_eq!(harness.panel("stock").default_snapshot().unwrap().counts.crit, 1);
    assert_eq!(bells(&harness), 0);
}

#[test]
fn the_bell_can_be_silenced() {
    let mut harness = Harness::changed(&shop(), &FLOORS, (120, 30), |start| start.appearance.bell = false);
    harness.answer("orders", Part::Summary, orders(&[]));
    harness.wait(20_000);
    harness.answer("orders", Part::Summary, orders(&[("a", CRIT)]));
    assert_eq!(bells(&harness), 0);
}

#[test]
fn nothing_needs_attention_only_where_every_view_has_answered() {
    let body = |harness: &Harness| plain(&overview::lines(&harness.model)).join("\n");
    let mut harness = Harness::new();
    assert!(!body(&harness).contains("Nothing"));
    harness.answer("orders", Part::Summary, orders(&[]));
    harness.answer("customers", Part::Summary, customers(&[]));
    harness.answer("lateness", Part::List, lateness(&[]));
    harness.fail("stock", Part::Summary, FailureKind::Unreachable);
    assert!(body(&harness).contains("not every view answered"), "{}", body(&harness));
    harness.wait(2_000);
    harness.answer("stock", Part::Summary, table(&["file_id", "filename", "size", "checksum", "active"], vec![]));
    for (view, table) in [("orders", orders(&[])), ("customers", customers(&[]))] {
        harness.answer(view, Part::Summary, table);
    }
    harness.answer("lateness", Part::List, lateness(&[]));
    assert!(body(&harness).contains("Nothing needs attention."), "{}", body(&harness));
}

#[test]
fn a_search_on_the_judging_tab_does_not_make_rows_look_well() {
    let mut harness = Harness::new();
    harness.press("3");
    harness.answer("customers", Part::List, customers(&["c1", "c2"]));
    harness.answer("lateness", Part::List, lateness(&[("c1", 2)]));
    let view = harness.model.pack().find("lateness").unwrap();
    let mut choices = harness.panel("lateness").choices.clone();
    choices.search = "c9".into();
    harness.open_view(view, choices);
    harness.press("Tab");
    assert_ne!(harness.panel("customers").list_snapshot().unwrap().counts.ok, 2);
}

#[test]
fn attention_stays_on_its_row_when_worse_ones_come() {
    let mut harness = Harness::new();
    harness.answer("orders", Part::Summary, orders(&[("a", WARN), ("b", WARN)]));
    harness.press("j");
    harness.wait(15_000);
    harness.answer("orders", Part::Summary, orders(&[("z", CRIT), ("a", WARN), ("b", WARN)]));
    harness.press("Enter");
    harness.answer("orders", Part::List, orders(&[("z", CRIT), ("a", WARN), ("b", WARN)]));
    assert_eq!(harness.current("orders"), "b");
}

#[test]
fn an_enrichment_that_fails_says_so_above_the_rows_until_it_answers() {
    let mut harness = at_customers(2);
    let title = |harness: &Harness| plain(&list::lines(&harness.model).unwrap()).swap_remove(0);
    harness.fail("customers", Part::Enrich(1), FailureKind::Privilege);
    assert!(title(&harness).contains("no trend: no privilege: it did not answer"), "{}", title(&harness));
    harness.wait(10_000);
    let read = harness.take("customers", Part::Enrich(1));
    let row = ("c00", OK, "", vec![Value::Int(1)]);
    harness.reply(&read, Ok(Content::Table(table(&["trent"], vec![row]))));
    assert!(title(&harness).contains("customers.trend.sql returns no column \"trend\""), "{}", title(&harness));
    assert_eq!(trend(&harness, 0), Value::Unknown);
    harness.wait(10_000);
    answer_trend(&mut harness, 1.0);
    assert!(!title(&harness).contains("no trend"), "{}", title(&harness));
}

#[test]
fn a_source_that_refuses_one_statement_is_in_no_trouble() {
    let mut harness = Harness::new();
    harness.fail("orders", Part::Summary, FailureKind::Timeout);
    let said = |harness: &Harness| plain(&[header::line(&harness.model)]).swap_remove(0);
    assert!(said(&harness).contains("main ✖ 0s: timed out"), "{}", said(&harness));
    harness.fail("customers", Part::Summary, FailureKind::Privilege);
    assert!(said(&harness).contains("main ●"), "{}", said(&harness));
}

#[test]
fn a_flood_is_one_line_and_one_bell_and_opens_the_view() {
    let ids: Vec<String> = (0..10).map(|at| format!("c{at}")).collect();
    let all = || customers(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let late: Vec<(&str, i64)> = ids[..8].iter().map(|id| (id.as_str(), 1)).collect();
    let mut harness = Harness::new();
    harness.answer("customers", Part::Summary, all());
    harness.answer("lateness", Part::List, lateness(&[]));
    harness.wait(60_000);
    harness.answer("lateness", Part::List, lateness(&late));
    assert_eq!(bells(&harness), 1);
    let body = plain(&overview::lines(&harness.model));
    let attention = body.iter().position(|line| line.contains("Attention")).unwrap();
    let lines: Vec<&String> = body[attention..].iter().filter(|line| line.contains("Customers")).collect();
    assert!(lines.len() == 1 && lines[0].contains("8 of 10") && lines[0].contains("late orders"), "{body:#?}");
    harness.press("Enter");
    assert_eq!(harness.panel("customers").view, harness.model.panel().unwrap().view);
}

#[test]
fn a_detail_that_is_being_read_stays_when_its_row_leaves_the_list() {
    let mut harness = Harness::new();
    harness.press("2");
    harness.answer("orders", Part::List, orders(&[("a", CRIT), ("b", OK)]));
    harness.press("Enter");
    for _ in 0..2 {
        harness.wait(15_000);
        harness.answer("orders", Part::List, orders(&[("b", OK), ("c", OK)]));
        assert_eq!(harness.panel("orders").detail.as_ref().unwrap().key.as_str(), "a");
    }
    let said = plain(&opsdash_core::view::detail::lines(&harness.model)).join("\n");
    assert!(said.contains("no longer in the list"), "{said}");
    harness.press("Y");
    assert!(!harness.other.iter().any(|effect| matches!(effect, Effect::Copy(_))), "its neighbor is not what is meant");
    harness.press("j");
    assert_eq!(harness.panel("orders").detail.as_ref().unwrap().key.as_str(), "c", "until the cursor is moved");
}

#[test]
fn what_has_not_changed_stays_where_it_was_in_memory() {
    let mut harness = at_customers(3);
    let texts = |harness: &Harness| {
        let rows = &harness.panel("customers").list_snapshot().unwrap().rows;
        rows.iter().map(|row| (row.key.0.clone(), row.cells[0].clone())).collect::<Vec<_>>()
    };
    let is_the_same = |now: &(ArcStr, Value), then: &(ArcStr, Value)| match (&now.1, &then.1) {
        (Value::Text(cell), Value::Text(old)) => (ArcStr::ptr_eq(&now.0, &then.0), ArcStr::ptr_eq(cell, old)),
        other => panic!("texts: {other:?}"),
    };
    let before = texts(&harness);
    harness.wait(60_000);
    let mut second = many_customers(3);
    second.rows[1].cells[0] = Value::text("another");
    harness.answer("customers", Part::List, second);
    let after = texts(&harness);
    let same: Vec<_> = after.iter().zip(&before).map(|(now, then)| is_the_same(now, then)).collect();
    assert_eq!(same, [(true, true), (true, false), (true, true)]);
    assert_eq!(after[1].1, Value::text("another"));
}
