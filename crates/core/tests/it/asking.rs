//! Who is asked when, and when nobody is.

use opsdash_core::{
    contract::{Answer, Content, Failure, FailureKind, Listing, Part, Question, Read},
    effect::Effect,
    model::{Choices, Demand, Loadable, Model, Panel, Route},
    msg::Msg,
    time::Monotonic,
    update::{is_settled, next_wake},
    value::Severity,
    view::footer,
    view_verdict::ViewVerdict,
};
use opsdash_pack::keymap::Key;
use proptest::prelude::*;

use crate::support::{CRIT, FLOORS, Harness, OK, customers, lateness, map, orders, plain, shop, table};

const MINUTE: u64 = 60_000;

fn at_orders(rows: &[(&str, Severity)]) -> Harness {
    Harness::at_orders(&shop(), rows)
}

/// Values that a question binds.
fn bound(read: &Read) -> std::collections::BTreeMap<String, String> {
    let Question::Statement { bind, .. } = &read.question else { panic!("a statement") };
    bind.values.clone()
}

/// Whether a question to the store looks for orphans.
fn looks_for_orphans(read: &Read) -> bool {
    matches!(read.question, Question::Store { orphans: true, .. })
}

/// Answers everything that has been asked, as it is expected to be.
fn answer_all(harness: &mut Harness) {
    for read in std::mem::take(&mut harness.asked) {
        harness.reply(&read, Ok(usual(&harness.model, &read)));
    }
}

fn usual(model: &Model, read: &Read) -> Content {
    if read.to.part == Part::Store {
        let orphans = looks_for_orphans(read).then(Vec::new);
        return Content::Listing(Listing { orphans, ..Listing::default() });
    }
    Content::Table(match (model.pack().view(read.to.view).id.as_str(), read.to.part) {
        ("orders", Part::List | Part::Summary) => orders(&[("a", CRIT), ("b", OK)]),
        ("customers", Part::List | Part::Summary) => customers(&["c1", "c2"]),
        ("lateness", Part::List) => lateness(&[("c1", 2)]),
        ("stock", Part::List | Part::Summary) => table(&["file_id", "filename", "size", "checksum", "active"], vec![]),
        _ => table(&["x"], vec![]),
    })
}

#[test]
fn a_summary_is_asked_under_the_default_choices_whatever_the_tab_shows() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.press("f Right Esc");
    assert_eq!(bound(&harness.take("orders", Part::List))["state"], "all");
    harness.press("1");
    answer_all(&mut harness);
    harness.wait(MINUTE);
    assert_eq!(bound(&harness.take("orders", Part::Summary)), map(&[("state", "open")]));
}

#[test]
fn what_is_on_screen_is_asked_anew_after_the_program_was_stopped() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.wait(1_000);
    answer_all(&mut harness);
    assert!(!harness.has_asked("orders", Part::List));
    harness.tell(Msg::Resumed);
    assert!(harness.has_asked("orders", Part::List));
}

#[test]
fn a_hidden_view_is_asked_as_often_as_the_view_that_needs_it_and_a_lookup_never() {
    let mut harness = Harness::new();
    for _ in 0..30 {
        answer_all(&mut harness);
        harness.wait(10_000);
        assert!(!harness.asked.iter().any(|read| harness.model.pack().view(read.to.view).id == "finder"));
    }
    answer_all(&mut harness);
    // The view that it judges is on screen now, and asked every 30 s rather than every minute.
    harness.press("3");
    answer_all(&mut harness);
    harness.wait(29_000);
    assert!(!harness.has_asked("lateness", Part::List));
    harness.wait(2_000);
    assert!(harness.has_asked("lateness", Part::List) && harness.has_asked("customers", Part::List));
}

#[test]
fn orphans_are_looked_for_every_quarter_of_an_hour() {
    let mut harness = Harness::new();
    let mut scans = Vec::new();
    for _ in 0..200 {
        let now = harness.model.clock.mono.0;
        scans.extend(harness.asked.iter().filter(|read| looks_for_orphans(read)).map(|_| now));
        answer_all(&mut harness);
        harness.wait(10_000);
        // Somebody is there: the intervals stay as they are.
        harness.press("k");
    }
    assert_eq!(scans.len(), 3, "in 33 minutes: {scans:?}");
    assert!(scans.windows(2).all(|pair| pair[1] - pair[0] >= 15 * MINUTE), "{scans:?}");
}

#[test]
fn a_store_that_failed_is_asked_again_before_its_catalog_is_due() {
    let mut harness = Harness::new();
    harness.fail("stock", Part::Store, FailureKind::Unreachable);
    answer_all(&mut harness);
    harness.asked.clear();
    harness.wait(9_000);
    assert!(!harness.has_asked("stock", Part::Store));
    assert!(next_wake(&harness.model).unwrap() <= Monotonic(10_000));
    harness.wait(1_000);
    assert!(harness.has_asked("stock", Part::Store) && !harness.has_asked("stock", Part::Summary));
}

#[test]
fn nobody_at_the_keys_for_ten_minutes_means_a_quarter_of_the_questions() {
    let asked_in = |idle: u64| {
        let mut harness = at_orders(&[("a", OK)]);
        let mut times = 0;
        for second in 0..idle / 1_000 + 600 {
            if second * 1_000 >= idle && harness.has_asked("orders", Part::List) {
                times += 1;
            }
            answer_all(&mut harness);
            harness.wait(1_000);
        }
        times
    };
    // In ten minutes, every 15 s and every minute.
    assert_eq!((asked_in(0), asked_in(11 * MINUTE)), (39, 10));
    let mut harness = at_orders(&[("a", OK)]);
    harness.wait(11 * MINUTE);
    answer_all(&mut harness);
    harness.wait(20_000);
    assert!(!harness.has_asked("orders", Part::List));
    harness.press("j");
    assert!(harness.has_asked("orders", Part::List), "the first key asks what is due");
}

#[test]
fn a_pause_still_asks_for_another_choice_and_for_another_view() {
    let mut harness = at_orders(&[("a", OK)]);
    answer_all(&mut harness);
    harness.press("p f Right Esc");
    assert_eq!(bound(&harness.take("orders", Part::List))["state"], "all");
    harness.press("3");
    assert!(harness.has_asked("customers", Part::List), "it was never asked");
}

#[test]
fn a_pause_holds_the_detail_too_and_the_loop_sleeps() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.press("Enter");
    answer_all(&mut harness);
    harness.press("p");
    harness.wait(5 * MINUTE);
    assert!(!harness.has_asked("orders", Part::Detail));
    assert!(next_wake(&harness.model).unwrap() > harness.model.clock.mono);
}

#[test]
fn a_detail_left_open_on_another_tab_does_not_keep_the_loop_awake() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.press("Enter");
    answer_all(&mut harness);
    harness.press("3");
    for _ in 0..10 {
        answer_all(&mut harness);
        harness.wait(7_000);
        assert!(next_wake(&harness.model).unwrap() > harness.model.clock.mono);
        assert!(!harness.has_asked("orders", Part::Detail));
    }
    harness.press("2");
    assert!(harness.has_asked("orders", Part::Detail), "back on it, it is asked at once");
}

#[test]
fn a_detail_that_answers_slowly_is_not_asked_anew() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.press("Enter");
    let slow = harness.take("orders", Part::Detail);
    harness.wait(20_000);
    assert!(!harness.has_asked("orders", Part::Detail) && !harness.cancelled.contains(&slow.ticket));
    harness.reply(&slow, Ok(Content::Table(table(&["x"], vec![]))));
    assert_ne!(harness.panel("orders").detail.as_ref().unwrap().fields, Loadable::Awaited);
}

#[test]
fn the_window_of_the_charts_goes_around_and_asks_for_them_at_once() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.press("c");
    assert!(harness.model.notice.as_ref().unwrap().text.contains("no chart is open"));
    harness.press("Enter");
    let late = harness.take("orders", Part::Chart(0));
    assert_eq!(bound(&late)["window"], "1h");
    harness.press("c");
    assert_eq!(bound(&harness.take("orders", Part::Chart(0)))["window"], "24h");
    assert!(harness.cancelled.contains(&late.ticket), "the first window is of no use any more");
    harness.press("p c");
    assert_eq!(bound(&harness.take("orders", Part::Chart(0)))["window"], "1h", "even while paused");
}

#[test]
fn closing_a_detail_stops_its_questions() {
    let mut harness = Harness::sized(80, 24);
    harness.press("2");
    harness.answer("orders", Part::List, orders(&[("a", OK)]));
    harness.press("Enter");
    let asked = [harness.take("orders", Part::Detail), harness.take("orders", Part::DetailList(0))];
    harness.press("Esc");
    assert!(asked.iter().all(|read| harness.cancelled.contains(&read.ticket)));
}

#[test]
fn the_detail_of_a_file_asks_the_catalog_by_its_own_key_and_orphans_ask_nobody() {
    let mut harness = Harness::new();
    harness.press("4");
    let cells = |id: &str| {
        vec![id.into(), "one.zip".into(), "1".into(), "c0ffee".into(), "true".into()]
            .into_iter()
            .map(|text: String| opsdash_core::value::Value::text(&text))
            .collect()
    };
    let catalog = table(&["file_id", "filename", "size", "checksum", "active"], vec![("7", OK, "", cells("x"))]);
    harness.answer("stock", Part::List, catalog);
    let file = opsdash_core::contract::StoredFile {
        stored_id: None,
        id: "64b7f0a1c2d3e4f5a6b7c8d1".into(),
        name: "lost.zip".into(),
        length: Some(9),
        chunk_size: None,
        uploaded: None,
        chunks: None,
        metadata: None,
        checked: None,
    };
    harness.list_store("stock", Listing { files: vec![file], truncated: false, orphans: None });
    assert_eq!(harness.keys("stock"), ["catalog:7", "file:64b7f0a1c2d3e4f5a6b7c8d1"]);
    harness.press("Enter");
    assert_eq!(bound(&harness.take("stock", Part::Detail))["key"], "7");
    harness.press("Esc j Enter");
    harness.wait(200);
    assert!(!harness.has_asked("stock", Part::Detail));
    let said = plain(&opsdash_core::view::detail::lines(&harness.model)).join("\n");
    assert!(said.contains("lost.zip") && !said.contains("gone"), "{said}");
}

#[test]
fn facets_start_at_their_defaults_whatever_was_chosen_before_or_elsewhere() {
    let mut harness = Harness::with_targets(&[("floor-1", true), ("floor-2", true)], (120, 30));
    harness.press("2 f Right Esc");
    assert_eq!(harness.panel("orders").choices.facets, [Some("all".to_owned())]);
    let kept = harness.other.iter().filter(|effect| matches!(effect, Effect::Remember(_))).count();
    assert_eq!(kept, 0, "nothing of it is left for the next run");
    let orders = harness.model.pack().find("orders").unwrap();
    assert_eq!(harness.model.targets[1].panel(orders).choices.facets, [None], "another target has its own");
}

#[test]
fn a_notice_stands_for_a_while_and_wakes_the_loop_when_it_ends() {
    let mut harness = at_orders(&[("a", OK)]);
    answer_all(&mut harness);
    harness.press("z");
    let said = |harness: &Harness| plain(&[footer::line(&harness.model)])[0].contains("times are in UTC");
    assert!(said(&harness));
    assert!(next_wake(&harness.model).unwrap() <= Monotonic(6_000));
    harness.wait(5_999);
    assert!(said(&harness));
    harness.wait(1);
    assert!(!said(&harness));
}

#[test]
fn an_answer_for_another_target_goes_to_it() {
    let mut harness = Harness::new();
    let read = harness.take("orders", Part::Summary);
    harness.press("T Down Enter");
    harness.reply(&read, Ok(Content::Table(orders(&[("a", CRIT)]))));
    let rows = |target: usize| {
        let orders = harness.model.pack().find("orders").unwrap();
        harness.model.targets[target].panel(orders).default_snapshot().map(|snapshot| snapshot.rows.len())
    };
    assert_eq!((rows(0), rows(1)), (Some(1), None));
    assert!(!harness.other.contains(&Effect::Bell));
}

#[test]
fn the_shell_asks_for_its_view_and_what_judges_it_and_for_nothing_else() {
    let view = shop().find("customers").unwrap();
    let mut harness = Harness::headless(Demand::Once { view, choices: Choices::default() }, &FLOORS);
    assert_eq!(harness.parts(), [("customers".into(), Part::List), ("lateness".into(), Part::List)]);
    answer_all(&mut harness);
    assert!(!is_settled(&harness.model, view), "the enrichment is on its way");
    answer_all(&mut harness);
    assert!(is_settled(&harness.model, view));
}

#[test]
fn the_shell_counts_what_it_is_told_to_as_the_overview_would_and_asks_once() {
    let views = ["customers", "stock"].map(|name| shop().find(name).unwrap());
    let mut harness = Harness::headless(Demand::Counts(views.into()), &FLOORS);
    let mut parts = harness.parts();
    parts.sort();
    let counted =
        [("customers", Part::Summary), ("lateness", Part::List), ("stock", Part::Summary), ("stock", Part::Store)];
    assert_eq!(parts, counted.map(|(view, part)| (view.to_owned(), part)));
    harness.fail("stock", Part::Store, FailureKind::Unreachable);
    harness.fail("lateness", Part::List, FailureKind::Schema);
    answer_all(&mut harness);
    assert!(views.iter().all(|view| is_settled(&harness.model, *view)));
    // However long another source takes, what has failed is not asked again.
    for _ in 0..10 {
        harness.wait(MINUTE);
    }
    assert!(harness.asked.is_empty(), "{:?}", harness.parts());
    let verdict = |at: usize| ViewVerdict::of(harness.model.target(), views[at]);
    assert_eq!(verdict(0).counts, harness.panel("customers").default_snapshot().map(|snapshot| snapshot.counts));
    for at in [0, 1] {
        assert_eq!((verdict(at).severity, verdict(at).troubles.len()), (Severity::Unknown, 1), "{:?}", verdict(at));
    }
}

#[test]
fn nothing_is_asked_twice_at_a_time() {
    let mut harness = at_orders(&[("a", OK)]);
    harness.press("R");
    let first = harness.asked.len();
    harness.press("R R R");
    harness.wait(MINUTE);
    assert_eq!(harness.asked.len(), first);
}

/// Something that happens to the program.
#[derive(Debug, Clone)]
enum Happening {
    Press(Key),
    Wait(u64),
    Answer(usize),
    Fail(usize, FailureKind),
}

fn happening() -> impl Strategy<Value = Happening> {
    let keys = "1 2 3 4 Tab j k G Enter Enter Esc f Right Left / s p R c T Down g n Space z ? : q y e x";
    let keys: Vec<Key> = keys.split(' ').map(|key| key.parse().unwrap()).collect();
    let kinds = vec![FailureKind::Unreachable, FailureKind::Timeout, FailureKind::Schema, FailureKind::Busy];
    prop_oneof![
        4 => proptest::sample::select(keys).prop_map(Happening::Press),
        2 => prop_oneof![0_u64..2_000, 0_u64..200_000, Just(1_000_000)].prop_map(Happening::Wait),
        4 => any::<usize>().prop_map(Happening::Answer),
        1 => (any::<usize>(), proptest::sample::select(kinds)).prop_map(|(at, kind)| Happening::Fail(at, kind)),
    ]
}

fn happen(harness: &mut Harness, happening: &Happening) {
    let count = harness.asked.len();
    match happening {
        Happening::Press(key) => harness.tell(Msg::Key(*key)),
        Happening::Wait(ms) => harness.wait(*ms),
        Happening::Answer(_) | Happening::Fail(..) if count == 0 => {}
        Happening::Answer(at) => {
            let read = harness.asked.remove(at % count);
            let content = usual(&harness.model, &read);
            harness.reply(&read, Ok(content));
        }
        Happening::Fail(at, kind) => {
            let read = harness.asked.remove(at % count);
            harness.reply(&read, Err(Failure::new(*kind, "no")));
        }
    }
}

fn awaits(panel: &Panel) -> usize {
    panel.awaited.len()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    /// Whatever happened: what is due has been asked, so the next thing to do lies ahead and the loop sleeps until
    /// then. When it comes, time alone brings no more questions than there are panels' parts.
    #[test]
    fn the_loop_never_spins(watches_both in any::<bool>(), happenings in proptest::collection::vec(happening(), 0..60)) {
        let mut harness = Harness::with_targets(&[("floor-1", true), ("floor-2", watches_both)], (120, 30));
        for happening in happenings {
            happen(&mut harness, &happening);
            let wake = next_wake(&harness.model);
            prop_assert!(wake.is_none_or(|wake| wake > harness.model.clock.mono), "{wake:?} at {:?}", harness.model.clock.mono);
            let effects = harness.model.clone().update(Msg::Tick(harness.model.clock));
            prop_assert_eq!(effects, Vec::new(), "the same moment again asks nothing");
        }
        // Every wait is bounded, and every question is awaited exactly once.
        let awaited: usize = harness.model.targets.iter().flat_map(|target| &target.panels).map(awaits).sum();
        prop_assert!(awaited <= 2 * 12);
        prop_assert!(harness.model.target().route == Route::Overview || harness.model.panel().is_some());
    }

    /// An answer that nobody waits for any more changes nothing.
    #[test]
    fn late_answers_change_nothing(happenings in proptest::collection::vec(happening(), 0..40), ticket in 0_u64..60) {
        let mut harness = Harness::new();
        for happening in happenings {
            happen(&mut harness, &happening);
        }
        let view = harness.model.pack().find("orders").unwrap();
        let to = opsdash_core::contract::Address { view, part: Part::List };
        let ticket = opsdash_core::contract::Ticket(ticket);
        prop_assume!(harness.model.target().panel(view).awaited.get(&Part::List) != Some(&ticket));
        let before = harness.model.target().panel(view).snapshot.clone();
        let target = harness.model.at;
        let answer = Answer { content: Content::Table(orders(&[("late", CRIT)])), server_now: None, operators: None, took_ms: 1, rtt_ms: 1, coverage: None };
        harness.tell(Msg::Loaded { target, to, ticket, result: Ok(Box::new(answer)) });
        prop_assert_eq!(&harness.model.target().panel(view).snapshot, &before);
    }
}
