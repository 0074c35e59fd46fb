//! What the program does with what happens: messages in, the model and the effects out.

use opsdash_core::{
    contract::{FailureKind, Part, Question, ResultShape},
    effect::Effect,
    export::FileFormat,
    model::{Choices, Load, Overlay, Route},
    msg::Msg,
    time::Time,
    value::{Counts, Severity, Value},
    view::{filter_line, footer, header, overlay, overview},
};
use opsdash_pack::keymap::Key;
use proptest::prelude::*;

use crate::support::{CRIT, Harness, NOON, OK, WARN, customers, lateness, map, orders, plain, shop, table};

/// The Orders tab, open, with these rows.
fn at_orders(rows: &[(&str, Severity)]) -> Harness {
    Harness::at_orders(&shop(), rows)
}

#[test]
fn the_overview_asks_every_tab_for_its_troubled_rows_and_counts() {
    let harness = Harness::new();
    let shapes: Vec<(String, bool)> = harness
        .asked
        .iter()
        .filter_map(|read| match &read.question {
            Question::Statement { shape: ResultShape::List { troubled, .. }, .. } => {
                Some((harness.model.pack().view(read.to.view).id.clone(), *troubled))
            }
            _ => None,
        })
        .collect();
    // Rows that are judged in the program are needed whole: by another view, by a store.
    assert_eq!(
        shapes,
        [("orders".into(), true), ("customers".into(), false), ("stock".into(), false), ("lateness".into(), false)]
    );
}

#[test]
fn a_late_answer_is_dropped() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.press("R");
    let late = harness.take("orders", Part::List);
    harness.press("R");
    assert!(!harness.has_asked("orders", Part::List), "what is being asked is not asked again");
    harness.press("f Right Esc");
    harness.answer("orders", Part::List, orders(&[("new", OK)]));
    harness.reply(&late, Ok(opsdash_core::contract::Content::Table(orders(&[("old", OK)]))));
    assert_eq!(harness.keys("orders"), ["new"]);
    assert!(harness.cancelled.contains(&late.ticket), "and its query is stopped");
}

#[test]
fn a_failure_keeps_the_rows_and_says_how_old_they_are() {
    let mut harness = at_orders(&[("a", CRIT)]);
    harness.wait(15_000);
    harness.fail("orders", Part::List, FailureKind::Timeout);
    harness.wait(400);
    assert_eq!(harness.keys("orders"), ["a"]);
    let lines = plain(&opsdash_core::view::list::lines(&harness.model).unwrap());
    assert!(lines[0].contains("STALE 15s") && lines[0].contains("timed out"), "{}", lines[0]);
    assert!(plain(&[header::tabs(&harness.model)])[0].contains("Orders ~"), "the tab says it too");
}

#[test]
fn a_failing_source_is_asked_again_for_ever_and_never_more_often_than_every_half_minute() {
    let waits = waits_after(FailureKind::Other);
    assert_eq!(waits[..5], [1_000, 2_000, 4_000, 8_000, 16_000]);
    assert!(waits[5..].iter().all(|wait| *wait == 30_000), "{waits:?}");
}

#[test]
fn a_server_that_is_gone_is_tried_every_five_seconds_so_that_its_return_is_seen() {
    let waits = waits_after(FailureKind::Unreachable);
    assert_eq!(waits[..3], [1_000, 2_000, 4_000]);
    assert!(waits[3..].iter().all(|wait| *wait == 5_000), "{waits:?}");
}

/// How long the first view rests after each of a dozen failures.
fn waits_after(kind: FailureKind) -> Vec<u64> {
    let mut harness = Harness::new();
    harness.press("2");
    let mut waits = Vec::new();
    for _ in 0..12 {
        harness.fail("orders", Part::List, kind);
        let Load::Failed { retry_at, .. } = &harness.panel("orders").load else { panic!("it failed") };
        waits.push(retry_at.since(harness.model.clock.mono));
        harness.wait(waits[waits.len() - 1]);
    }
    waits
}

#[test]
fn the_first_answer_after_trouble_wakes_the_other_panels() {
    let mut harness = Harness::new();
    for view in ["orders", "customers", "stock"] {
        harness.fail(view, Part::Summary, FailureKind::Unreachable);
    }
    harness.wait(1_000);
    harness.answer("orders", Part::Summary, orders(&[]));
    assert!(harness.has_asked("customers", Part::Summary) && harness.has_asked("stock", Part::Summary));
}

#[test]
fn a_dead_source_touches_only_its_own_panels() {
    let mut harness = Harness::new();
    let read = harness.take("stock", Part::Store);
    let failure = opsdash_core::contract::Failure::new(FailureKind::Unreachable, "refused");
    harness.reply(&read, Err(failure));
    harness.answer("orders", Part::Summary, orders(&[("a", CRIT)]));
    let line = &plain(&[header::line(&harness.model)])[0];
    assert!(line.contains("main ● 1 ms") && line.contains("files ✖"), "{line}");
}

#[test]
fn the_cursor_follows_its_row_through_a_refresh() {
    let mut harness = at_orders(&[("a", OK), ("b", OK), ("c", OK)]);
    harness.press("j j");
    assert_eq!(harness.current("orders"), "c");
    harness.wait(15_000);
    harness.answer("orders", Part::List, orders(&[("c", CRIT), ("a", OK), ("b", OK)]));
    assert_eq!(harness.current("orders"), "c");
}

#[test]
fn a_row_that_is_gone_leaves_the_cursor_at_its_place() {
    let mut harness = at_orders(&[("a", OK), ("b", OK), ("c", OK)]);
    harness.press("G");
    harness.wait(15_000);
    harness.answer("orders", Part::List, orders(&[("a", OK), ("b", OK)]));
    assert_eq!(harness.current("orders"), "b");
}

#[test]
fn a_filter_narrows_as_it_is_typed_and_esc_undoes_it() {
    let mut harness = at_orders(&[("apple", OK), ("pear", CRIT), ("plum", OK)]);
    harness.press("/");
    harness.type_in("!pear");
    assert_eq!(harness.keys("orders"), ["apple", "plum"]);
    harness.type_in("/p[el]/");
    assert_eq!(harness.keys("orders"), ["apple", "pear", "plum"]);
    harness.type_in("id:pear total>30");
    assert_eq!(harness.keys("orders"), ["pear"]);
    harness.press("Esc");
    assert_eq!(harness.keys("orders").len(), 3);
}

#[test]
fn enter_on_plain_text_asks_the_server_where_the_view_can_search() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.press("/");
    harness.type_in("pear");
    harness.press("Enter");
    let read = harness.take("orders", Part::List);
    let Question::Statement { bind, .. } = read.question else { panic!("a statement") };
    assert_eq!(bind.values, map(&[("search", "pear"), ("state", "open")]));
    harness.press("Esc");
    let Question::Statement { bind, .. } = harness.take("orders", Part::List).question else { panic!("a statement") };
    assert_eq!(bind.values, map(&[("state", "open")]), "Esc asks for all again");
}

#[test]
fn a_broken_filter_is_said_where_it_is_typed_and_the_list_stays_as_it_was_last_understood() {
    let mut harness = at_orders(&[("apple", OK), ("pear", CRIT), ("plum", OK)]);
    harness.press("/");
    harness.type_in("id>b");
    assert_eq!(harness.keys("orders"), ["pear", "plum"]);
    harness.type_in("/[/");
    let beside = |harness: &Harness| filter_line::beside(&harness.model, 100).map(|line| plain(&[line])[0].clone());
    assert_eq!(beside(&harness).unwrap(), "/[/: unclosed character class");
    assert_eq!(filter_line::beside(&harness.model, 10), None, "it has no room there");
    assert_eq!(plain(&[filter_line::above(&harness.model, 80).unwrap()])[0].trim(), "/[/: unclosed character class");
    harness.press("Enter");
    assert!(beside(&harness).unwrap().contains("unclosed"), "it stays open until it is right");
    assert_eq!(harness.keys("orders"), ["pear", "plum"]);
    harness.type_in("id:pe");
    assert_eq!(beside(&harness).unwrap(), "Enter applies, Esc undoes");
    harness.press("Enter");
    assert_eq!(harness.keys("orders"), ["pear"]);
}

#[test]
fn sorting_goes_up_down_and_back_to_the_views_own_order() {
    let mut harness = at_orders(&[("b", CRIT), ("a", OK), ("10", OK), ("9", OK)]);
    harness.press("s");
    assert_eq!(harness.keys("orders"), ["9", "10", "a", "b"], "numbers in text count as numbers");
    harness.press("s");
    assert_eq!(harness.keys("orders"), ["b", "a", "10", "9"]);
    harness.press("s");
    assert_eq!(harness.keys("orders"), ["b", "a", "10", "9"]);
    assert!(harness.panel("orders").list.narrowing.sort.is_none());
}

#[test]
fn numbers_are_sorted_from_the_largest_and_ages_from_the_smallest() {
    let mut harness = at_orders(&[]);
    let row = |id: &'static str, total: i64, minutes: i64| {
        let placed = Value::Time(Time(NOON).plus_ms(-minutes * 60_000));
        (id, OK, "", vec![Value::text(id), Value::text("c1"), Value::Int(total), placed, Value::text("")])
    };
    harness.wait(15_000);
    let columns = ["id", "customer_id", "total", "placed_at", "note"];
    harness.answer("orders", Part::List, table(&columns, vec![row("a", 1, 5), row("b", 30, 60), row("c", 9, 1)]));
    harness.press("Right s");
    assert_eq!(harness.keys("orders"), ["b", "c", "a"]);
    harness.press("s");
    assert_eq!(harness.keys("orders"), ["a", "c", "b"]);
    harness.press("Right s");
    assert_eq!(harness.keys("orders"), ["c", "a", "b"], "1m, 5m, 1h");
    harness.press("s");
    assert_eq!(harness.keys("orders"), ["b", "a", "c"]);
}

#[test]
fn a_facet_is_asked_at_once_and_never_changes_the_counts_of_the_tab() {
    let mut harness = Harness::new();
    harness.answer("orders", Part::Summary, orders(&[("a", CRIT)]));
    harness.press("2");
    harness.answer("orders", Part::List, orders(&[("a", CRIT)]));
    harness.press("f Right");
    let Question::Statement { bind, .. } = harness.take("orders", Part::List).question else { panic!("a statement") };
    assert_eq!(bind.values["state"], "all");
    assert!(plain(&[header::tabs(&harness.model)])[0].contains("Orders ✖1"));
}

#[test]
fn a_link_opens_the_other_view_narrowed_and_esc_comes_back() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.press("g c");
    let read = harness.take("customers", Part::List);
    let Question::Statement { bind, .. } = read.question else { panic!("a statement") };
    assert_eq!(bind.values, map(&[("customer", "c1")]));
    harness.press("Esc");
    assert_eq!(harness.model.target().route, Route::View(harness.model.pack().find("orders").unwrap()));
}

#[test]
fn rows_are_no_better_than_the_view_they_are_judged_by() {
    let mut harness = Harness::new();
    harness.press("3");
    harness.answer("customers", Part::List, customers(&["c1", "c2"]));
    let counts = |harness: &Harness| harness.panel("customers").list_snapshot().unwrap().counts;
    assert_eq!(counts(&harness), Counts { unknown: 2, ..Counts::default() }, "not known yet is not ok");
    harness.answer("lateness", Part::List, lateness(&[("c2", 3)]));
    assert_eq!(counts(&harness), Counts { crit: 1, ok: 1, ..Counts::default() });
    assert_eq!(harness.keys("customers"), ["c2", "c1"], "worst first");
    let rows = &harness.panel("customers").list_snapshot().unwrap().rows;
    assert_eq!((&rows[0].cells[2], &rows[1].cells[2]), (&Value::Int(3), &Value::Int(0)));
    harness.wait(30_000);
    harness.fail("lateness", Part::List, FailureKind::Timeout);
    assert_eq!(counts(&harness), Counts { crit: 1, ok: 1, ..Counts::default() }, "the last word stays");
    let rows = &harness.panel("customers").list_snapshot().unwrap().rows;
    assert!(rows.iter().all(|row| row.doubt.is_some()), "and what it is judged by is old");
}

#[test]
fn what_is_dear_is_asked_for_the_rows_on_screen_alone() {
    let mut harness = Harness::sized(120, 12);
    harness.press("3");
    let ids: Vec<String> = (0..50).map(|n| format!("c{n:02}")).collect();
    harness.answer("customers", Part::List, customers(&ids.iter().map(String::as_str).collect::<Vec<_>>()));
    let read = harness.take("customers", Part::Enrich(1));
    let Question::Statement { bind, .. } = &read.question else { panic!("a statement") };
    assert_eq!(bind.keys.len(), 6);
    let trend = Value::list(vec![Value::Float(1.0)]);
    let rows = bind.keys.iter().map(|key| (key.as_str(), OK, "", vec![trend.clone()])).collect();
    harness.reply(&read, Ok(opsdash_core::contract::Content::Table(table(&["trend"], rows))));
    assert_eq!(harness.panel("customers").list_snapshot().unwrap().rows[0].cells[3], trend);
    assert!(!harness.has_asked("customers", Part::Enrich(1)), "and once");
    harness.press("G");
    assert!(harness.has_asked("customers", Part::Enrich(1)), "others when they come on screen");
}

#[test]
fn a_column_that_the_query_does_not_return_is_named() {
    let mut harness = Harness::new();
    harness.press("2");
    harness.answer("orders", Part::List, table(&["id"], vec![]));
    let failure = harness.panel("orders").failure().unwrap();
    assert_eq!(failure.kind, FailureKind::Schema);
    assert!(failure.message.contains("orders.sql") && failure.message.contains("customer_id"), "{failure}");
}

#[test]
fn a_detail_is_asked_once_the_cursor_rests() {
    let mut harness = at_orders(&[("a", OK), ("b", OK), ("c", OK)]);
    harness.press("Enter");
    harness.take("orders", Part::Detail);
    harness.press("j j");
    assert!(!harness.has_asked("orders", Part::Detail));
    harness.wait(200);
    let Question::Statement { bind, .. } = harness.take("orders", Part::Detail).question else { panic!("a statement") };
    assert_eq!(bind.values["key"], "c");
    let Question::Statement { bind, .. } = harness.take("orders", Part::Chart(0)).question else {
        panic!("a statement")
    };
    assert_eq!(bind.values["window"], "1h");
}

#[test]
fn a_pause_asks_nothing_and_a_reload_asks_once() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.press("p");
    harness.asked.clear();
    harness.wait(600_000);
    assert!(!harness.has_asked("orders", Part::List));
    harness.press("R");
    assert!(harness.has_asked("orders", Part::List));
    assert!(plain(&[header::line(&harness.model)])[0].contains("PAUSED"));
}

#[test]
fn the_bell_rings_for_a_new_crit_row_and_not_for_the_first_load() {
    let mut harness = Harness::new();
    harness.answer("orders", Part::Summary, orders(&[("a", CRIT)]));
    assert!(!harness.other.contains(&Effect::Bell));
    harness.wait(20_000);
    harness.answer("orders", Part::Summary, orders(&[("a", CRIT)]));
    assert!(!harness.other.contains(&Effect::Bell), "nothing new");
    harness.wait(20_000);
    harness.answer("orders", Part::Summary, orders(&[("b", CRIT), ("a", CRIT)]));
    assert!(harness.other.contains(&Effect::Bell));
}

#[test]
fn attention_is_worst_first_and_enter_goes_to_the_row() {
    let mut harness = Harness::new();
    harness.answer("orders", Part::Summary, orders(&[("a", WARN), ("b", WARN)]));
    harness.answer("lateness", Part::List, lateness(&[("c1", 2)]));
    harness.answer("customers", Part::Summary, customers(&["c1"]));
    let lines = plain(&opsdash_core::view::overview::lines(&harness.model));
    let first = lines.iter().position(|line| line.contains("Attention")).unwrap() + 1;
    assert!(lines[first].contains("Customers") && lines[first].contains("late orders"), "{}", lines[first]);
    harness.press("j j Enter");
    harness.answer("orders", Part::List, orders(&[("a", WARN), ("b", WARN)]));
    assert_eq!(harness.current("orders"), "b");
}

#[test]
fn next_crit_goes_around() {
    let mut harness = at_orders(&[("a", CRIT), ("b", OK), ("c", CRIT), ("d", OK)]);
    harness.press("n");
    assert_eq!(harness.current("orders"), "c");
    harness.press("n");
    assert_eq!(harness.current("orders"), "a");
    harness.press("N");
    assert_eq!(harness.current("orders"), "c");
}

#[test]
fn marked_rows_are_what_is_copied_and_exported() {
    let mut harness = at_orders(&[("a", OK), ("b", OK), ("c", OK)]);
    harness.press("Space j Space Y");
    let copied = harness.other.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    let copied = copied.unwrap();
    assert_eq!(copied.lines().count(), 2);
    assert!(copied.starts_with("a\tc1\t40\t2026-11-20T14:00:00Z\tnote of a"), "{copied}");
    harness.press("e Enter");
    let exported = harness.other.iter().find_map(|effect| match effect {
        Effect::Export { format, document, of } => Some((*format, document.rows.len(), of.clone())),
        _ => None,
    });
    assert_eq!(exported, Some((FileFormat::Csv, 2, None)), "what was marked is all that is meant");
}

#[test]
fn an_export_says_of_how_many_rows_it_is() {
    let mut harness = at_orders(&[("apple", OK), ("pear", OK), ("plum", OK)]);
    let exported = |harness: &mut Harness| {
        harness.press("e Enter");
        let found = harness.other.iter().rev().find_map(|effect| match effect {
            Effect::Export { document, of, .. } => Some((document.rows.len(), of.clone())),
            _ => None,
        });
        found.unwrap()
    };
    assert_eq!(exported(&mut harness), (3, None));
    harness.press("/");
    harness.type_in("id:pl");
    harness.press("Enter");
    harness.press("e");
    let asked = overlay::popup(&harness.model).unwrap();
    assert_eq!(asked.title, "Export 2 of 3 rows to ~/incident/");
    assert!(plain(&asked.lines).concat().contains("floor-1-orders.csv"), "{:?}", plain(&asked.lines));
    harness.press("Esc");
    assert_eq!(exported(&mut harness), (2, Some("3".to_owned())));
}

#[test]
fn on_a_narrow_screen_the_keys_that_are_of_use_everywhere_are_named_first() {
    let mut harness = Harness::sized(80, 24).open_orders(&[("apple", OK)]);
    let footer = |harness: &Harness| plain(&[footer::line(&harness.model)]).concat();
    for key in ["/ filter", "f ", "S snooze", "T targets", "? help", "q quit"] {
        assert!(footer(&harness).contains(key), "{key}: {}", footer(&harness));
    }
    harness.press("1");
    for key in ["/ filter", "T targets", "? help", "q quit"] {
        assert!(footer(&harness).contains(key), "{key}: {}", footer(&harness));
    }
    harness.tell(Msg::Resize(20, 24));
    assert!(footer(&harness).contains("? help") && footer(&harness).contains("q quit"), "{}", footer(&harness));
}

#[test]
fn a_view_whose_source_the_target_leaves_out_is_off_and_not_unknown() {
    let mut harness = Harness::new();
    harness.fail("orders", Part::Summary, FailureKind::NotConfigured);
    let lines = plain(&overview::lines(&harness.model)).join("\n");
    assert!(lines.contains("– not on this target") && !lines.contains("? not configured"), "{lines}");
    assert!(!plain(&[header::tabs(&harness.model)]).concat().contains('~'), "nothing of it is old");
    harness.tell(Msg::Resize(80, 24));
    let lines = plain(&overview::lines(&harness.model)).join("\n");
    assert!(lines.contains("– not on this target"), "{lines}");
}

#[test]
fn all_rows_of_the_list_are_marked_at_once_and_marks_are_turned_round() {
    let mut harness = at_orders(&[("apple", OK), ("pear", OK), ("plum", OK)]);
    let marks = |harness: &Harness| {
        let marks = harness.panel("orders").list.marks.iter();
        marks.map(|key| key.as_str().to_owned()).collect::<Vec<_>>()
    };
    harness.press("/");
    harness.type_in("id:pl");
    harness.press("Enter *");
    assert_eq!(marks(&harness), ["apple", "plum"], "what the filter hides is not meant");
    harness.press("g g Space *");
    assert_eq!(marks(&harness), ["apple"]);
    harness.press("* *");
    assert_eq!(marks(&harness), ["apple"]);
}

#[test]
fn the_palette_finds_a_view_by_a_few_letters() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.press(":");
    harness.type_in("custom");
    harness.press("Enter");
    assert_eq!(harness.model.target().route, Route::View(harness.model.pack().find("customers").unwrap()));
}

#[test]
fn a_command_that_is_of_no_use_says_why() {
    let mut harness = Harness::new();
    harness.press("e");
    assert!(harness.model.overlays.is_empty());
    assert!(harness.model.notice.as_ref().unwrap().text.contains("open a view first"));
}

#[test]
fn another_target_has_its_own_rows_and_the_first_keeps_its_own() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.press("T Down Enter");
    assert_eq!(harness.model.target().name, "floor-2");
    assert!(harness.panel("orders").list_snapshot().is_none());
    harness.press("T Enter");
    assert_eq!(harness.keys("orders"), ["a"]);
}

#[test]
fn a_busy_source_is_asked_less_often() {
    let mut harness = Harness::new();
    harness.press("2");
    let read = harness.take("orders", Part::List);
    let content = opsdash_core::contract::Content::Table(orders(&[("a", OK)]));
    let answer = opsdash_core::contract::Answer {
        content,
        server_now: None,
        operators: None,
        took_ms: 3_000,
        rtt_ms: 1,
        coverage: None,
    };
    harness.tell(Msg::Loaded {
        target: opsdash_core::model::TargetId(0),
        to: read.to,
        ticket: read.ticket,
        result: Ok(Box::new(answer)),
    });
    harness.asked.clear();
    harness.wait(100_000);
    assert!(!harness.has_asked("orders", Part::List), "3 s of work every 15 s would be a fifth of the server");
    harness.wait(60_000);
    assert!(harness.has_asked("orders", Part::List));
}

#[test]
fn a_secret_never_leaves() {
    use opsdash_core::format;
    use opsdash_pack::pack::Format;
    assert_eq!(format::plain(&Value::text("hunter2"), Format::Secret), "");
}

fn any_key() -> impl Strategy<Value = Key> {
    let named =
        ["Enter", "Esc", "Tab", "BackTab", "Up", "Down", "Left", "Right", "PageDown", "PageUp", "Home", "End", "Space"];
    prop_oneof![
        proptest::sample::select(named.to_vec()).prop_map(|name| name.parse().unwrap()),
        proptest::char::range('!', '~').prop_map(Key::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is pressed, whatever size the terminal has: nothing panics, lines fit, nothing is written.
    #[test]
    fn no_sequence_of_keys_breaks_anything(
        keys in proptest::collection::vec(any_key(), 0..60),
        columns in 1_u16..200,
        rows in 1_u16..60,
        answered in any::<bool>(),
    ) {
        let mut harness = Harness::sized(columns, rows);
        for (at, key) in keys.into_iter().enumerate() {
            harness.tell(Msg::Key(key));
            if answered && at % 3 == 0 {
                for read in std::mem::take(&mut harness.asked) {
                    let view = harness.model.pack().view(read.to.view).id.clone();
                    let table = match view.as_str() {
                        "orders" if read.to.part == Part::List => orders(&[("a", CRIT), ("b", WARN), ("c", OK)]),
                        "customers" if read.to.part == Part::List => customers(&["c1", "c2"]),
                        _ => table(&["x"], vec![]),
                    };
                    harness.reply(&read, Ok(opsdash_core::contract::Content::Table(table)));
                }
            }
            harness.wait(100);
            let mut lines = vec![header::line(&harness.model), header::tabs(&harness.model), opsdash_core::view::footer::line(&harness.model)];
            lines.extend(opsdash_core::view::list::lines(&harness.model).unwrap_or_default());
            lines.extend(opsdash_core::view::overview::lines(&harness.model).into_iter().skip(8));
            for line in lines {
                prop_assert!(opsdash_core::view::width_of(&line) <= usize::from(columns.max(14)), "{line:?}");
            }
            if let Some(Overlay::Help { .. }) = harness.model.overlays.last() {
                prop_assert!(opsdash_core::view::overlay::popup(&harness.model).is_some());
            }
        }
    }
}

#[test]
fn the_place_on_screen_is_copied_as_the_command_that_opens_it() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.press("g y");
    assert!(harness.other.contains(&Effect::Copy("opsdash --target floor-1 --view orders".into())));
    let mut choices = Choices::of(harness.model.pack().view(harness.model.panel().unwrap().view));
    choices.search = "it's 5".into();
    choices.facets[0] = Some("all".into());
    let view = harness.model.panel().unwrap().view;
    harness.open_view(view, choices);
    harness.press("g y");
    let expected = "opsdash --target floor-1 --view orders --set 'state=all' --search \"it's 5\"";
    assert!(harness.other.contains(&Effect::Copy(expected.into())), "{:?}", harness.other);
    harness.press("1 g y");
    assert!(harness.other.contains(&Effect::Copy("opsdash --target floor-1".into())));
}
