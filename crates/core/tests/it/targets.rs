//! Several targets at a time: who of them is asked when, and what the overview says of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use opsdash_core::{
    contract::{Content, Failure, FailureKind, Listing, Part, Question, Read},
    effect::Effect,
    model::{Choices, Demand, Overlay, Route, TargetId},
    msg::Msg,
    time::Monotonic,
    update::next_wake,
    value::Severity,
    view::{overlay, overview},
};

use crate::support::{
    CRIT, HEAD_START_MS, Harness, OK, WARN, clock, customers, lateness, orders, plain, shop, start, table,
};

const MINUTE: u64 = 60_000;

const HERE: TargetId = TargetId(0);
const THERE: TargetId = TargetId(1);
const BEYOND: TargetId = TargetId(2);

/// Three targets, all watched.
const THREE: [(&str, bool); 3] = [("floor-1", true), ("floor-2", true), ("floor-3", true)];

fn three() -> Harness {
    Harness::with_targets(&THREE, (120, 30))
}

/// Nothing is wrong.
fn calm(harness: &Harness, read: &Read) -> Content {
    if let Question::Store { orphans, .. } = read.question {
        return Content::Listing(Listing { orphans: orphans.then(Vec::new), ..Listing::default() });
    }
    Content::Table(match harness.model.pack().view(read.to.view).id.as_str() {
        "orders" => orders(&[("a", OK)]),
        "customers" => customers(&["c1"]),
        "lateness" => lateness(&[]),
        "stock" => table(&["file_id", "filename", "size", "checksum", "active"], vec![]),
        _ => table(&["x"], vec![]),
    })
}

/// Answers everything that has been asked; a target that is dead says so.
fn answer_all(harness: &mut Harness, dead: &[TargetId]) {
    for read in std::mem::take(&mut harness.asked) {
        let is_dead = dead.contains(&harness.target_of(&read));
        let answer =
            if is_dead { Err(Failure::new(FailureKind::Unreachable, "no route")) } else { Ok(calm(harness, &read)) };
        harness.reply(&read, answer);
    }
}

fn answer_orders(harness: &mut Harness, target: TargetId, rows: &[(&str, Severity)]) {
    let read = harness.take_of(target, "orders", Part::Summary);
    harness.reply(&read, Ok(Content::Table(orders(rows))));
}

/// How often each question of a target is asked in ten minutes with somebody at the keys.
fn asked_in_ten_minutes(target: TargetId, dead: &[TargetId]) -> BTreeMap<(usize, Part), usize> {
    let mut harness = three();
    let mut asked = BTreeMap::new();
    for _ in 0..600 {
        for read in harness.asked.iter().filter(|read| harness.target_of(read) == target) {
            *asked.entry((read.to.view.0, read.to.part)).or_default() += 1;
        }
        answer_all(&mut harness, dead);
        harness.press("k");
        harness.wait(1_000);
    }
    asked
}

fn screen(harness: &Harness) -> Vec<String> {
    plain(&overview::lines(&harness.model))
}

fn row_of(harness: &Harness, target: &str) -> String {
    let rows = screen(harness);
    rows.iter().find(|row| row.contains(target)).unwrap_or_else(|| panic!("{target} in {rows:#?}")).clone()
}

fn rings(harness: &Harness) -> usize {
    harness.other.iter().filter(|effect| **effect == Effect::Bell).count()
}

#[test]
fn other_targets_are_asked_every_minute_dead_or_alive() {
    let here = asked_in_ten_minutes(HERE, &[]);
    assert!(here.values().any(|times| *times > 30), "what is on screen is asked at its own rate: {here:?}");
    for dead in [&[][..], &[THERE]] {
        let there = asked_in_ten_minutes(THERE, dead);
        assert!(there.len() >= 5, "{there:?}");
        for ((view, part), times) in there {
            assert_eq!(times, 10, "view {view}, {part:?}, dead: {dead:?}");
            let is_summary = matches!(part, Part::Summary | Part::Store);
            let pack = shop();
            assert!(is_summary || pack.views[view].hidden, "view {view} was asked for {part:?}");
        }
    }
}

#[test]
fn the_target_on_screen_is_asked_before_the_others() {
    let harness = three();
    let targets: Vec<TargetId> = harness.asked.iter().map(|read| harness.target_of(read)).collect();
    assert!(targets.is_sorted() && targets.contains(&BEYOND), "{targets:?}");
    let mut harness = three();
    answer_all(&mut harness, &[]);
    harness.press("T Down Down Enter");
    assert_eq!(harness.model.at, BEYOND);
    answer_all(&mut harness, &[]);
    harness.asked.clear();
    harness.wait(11 * MINUTE);
    assert_eq!(harness.target_of(&harness.asked[0]), BEYOND);
}

#[test]
fn the_target_on_screen_has_a_head_start_until_it_has_answered_or_a_quarter_of_a_second_is_over() {
    let started = || {
        let mut harness = Harness::starting(start(&shop(), &THREE, (120, 30)));
        harness.tell(Msg::Tick(clock(0)));
        harness
    };
    let asked = |harness: &Harness| harness.targets.values().copied().collect::<BTreeSet<_>>();
    let mut harness = started();
    harness.wait(HEAD_START_MS - 1);
    assert_eq!(asked(&harness), [HERE].into());
    assert_eq!(next_wake(&harness.model), Some(Monotonic(HEAD_START_MS)));
    harness.wait(1);
    assert_eq!(asked(&harness), [HERE, THERE, BEYOND].into());
    for dead in [&[][..], &[HERE]] {
        let mut harness = started();
        answer_all(&mut harness, dead);
        assert_eq!(asked(&harness), [HERE, THERE, BEYOND].into(), "dead: {dead:?}");
    }
    let mut harness = started();
    harness.press("T Down Enter");
    assert_eq!(asked(&harness), [HERE, THERE].into(), "whoever is put on the screen is asked");
}

#[test]
fn a_view_that_opens_at_the_start_is_asked_before_all_others_with_what_judges_its_rows() {
    let mut harness = Harness::starting(start(&shop(), &THREE, (120, 30)));
    let view = harness.model.pack().find("customers").unwrap();
    let choices = Choices::of(harness.model.pack().view(view));
    harness.open_view(view, choices);
    harness.tell(Msg::Resize(160, 45));
    let asked = |harness: &Harness| harness.parts().into_iter().map(|(view, _)| view).collect::<BTreeSet<_>>();
    assert_eq!(asked(&harness), ["customers".to_owned(), "lateness".to_owned()].into());
    harness.answer("customers", Part::List, customers(&["c1"]));
    assert!(asked(&harness).contains("orders"), "{:?}", harness.parts());
    assert!(harness.targets.values().all(|target| *target == HERE));
    answer_all(&mut harness, &[]);
    assert!(harness.targets.values().any(|target| *target == BEYOND));
}

#[test]
fn j_and_k_move_in_a_list_of_targets_until_something_is_typed() {
    let mut harness = Harness::with_targets(&[("floor-1", true), ("kitchen", true)], (120, 30));
    let at = |harness: &Harness| match harness.model.overlays.last() {
        Some(Overlay::Picker(picker)) => (picker.at, picker.input.text.clone()),
        _ => panic!("the list is open"),
    };
    harness.press("T");
    harness.type_in("j");
    assert_eq!(at(&harness), (1, String::new()));
    harness.type_in("j");
    assert_eq!(at(&harness), (1, String::new()), "that is the last one");
    harness.type_in("k");
    assert_eq!(at(&harness), (0, "k".to_owned()), "a target begins so");
    harness.press("Enter");
    assert_eq!(harness.model.target().name, "kitchen");
}

#[test]
fn a_target_that_is_not_watched_is_asked_once_it_has_been_opened_and_from_then_on() {
    let mut harness = Harness::new();
    answer_all(&mut harness, &[]);
    harness.wait(10 * MINUTE);
    assert!(harness.asked.iter().all(|read| harness.target_of(read) == HERE), "{:?}", harness.parts());
    assert!(!screen(&harness).iter().any(|row| row.contains("floor-2")));
    harness.press("T Down Enter");
    assert!(harness.asked.iter().any(|read| harness.target_of(read) == THERE));
    answer_all(&mut harness, &[]);
    harness.press("T Enter");
    answer_all(&mut harness, &[]);
    harness.wait(MINUTE);
    assert!(harness.asked.iter().any(|read| harness.target_of(read) == THERE));
    assert!(row_of(&harness, "floor-2").contains('●'));
}

#[test]
fn the_shell_asks_no_other_target() {
    let view = shop().find("orders").unwrap();
    let choices = Choices { facets: vec![None], ..Choices::default() };
    let mut harness = Harness::headless(Demand::Once { view, choices }, &THREE);
    assert!(!harness.asked.is_empty());
    assert!(harness.asked.iter().all(|read| harness.target_of(read) == HERE), "{:?}", harness.asked);
    harness.asked.clear();
    harness.wait(10 * MINUTE);
    assert_eq!(harness.asked.len(), 0);
}

#[test]
fn a_dead_target_touches_only_its_own_row() {
    let mut harness = three();
    answer_all(&mut harness, &[]);
    let calm = screen(&harness);
    harness.wait(MINUTE);
    answer_all(&mut harness, &[THERE]);
    harness.wait(3_000);
    let there = row_of(&harness, "floor-2");
    assert!(there.contains("unreachable for 3s") && there.contains("~ 1m old"), "{there}");
    assert!(there.starts_with(" ?"), "known to be well a minute ago is not well: {there}");
    let after = screen(&harness);
    for target in ["floor-1", "floor-3"] {
        // All but the age at its end.
        let row = |rows: &[String]| {
            let row = rows.iter().find(|row| row.contains(target)).unwrap();
            row.trim_end_matches(|c: char| c.is_ascii_digit() || "sm".contains(c)).trim_end().to_owned()
        };
        assert_eq!(row(&calm), row(&after));
    }
    assert!(harness.model.targets[0].sources.iter().all(|source| source.trouble.is_none()));
    let said = screen(&harness).join("\n");
    assert!(said.contains("not every view answered") && said.contains("floor-2  main   unreachable for 3s"), "{said}");
    // The age counts seconds while something is wrong.
    assert!(next_wake(&harness.model).unwrap().since(harness.model.clock.mono) <= 1_000);
}

#[test]
fn the_first_answer_of_a_source_that_was_dead_has_everything_asked_that_rests_on_it() {
    let mut harness = three();
    answer_all(&mut harness, &[]);
    harness.wait(MINUTE);
    answer_all(&mut harness, &[THERE]);
    harness.press("R");
    let first = harness.take_of(THERE, "orders", Part::Summary);
    answer_all(&mut harness, &[THERE]);
    harness.wait(1_000);
    assert!(harness.asked.iter().all(|read| harness.target_of(read) != THERE), "a dead target is not hurried");
    harness.reply(&first, Ok(Content::Table(orders(&[("a", OK)]))));
    harness.wait(1_000);
    harness.take_of(THERE, "customers", Part::Summary);
}

#[test]
fn a_target_of_which_nothing_is_known_is_not_well() {
    let mut harness = three();
    for read in std::mem::take(&mut harness.asked) {
        if harness.target_of(&read) == HERE {
            let content = calm(&harness, &read);
            harness.reply(&read, Ok(content));
        }
    }
    assert!(row_of(&harness, "floor-1").contains("●"), "{}", row_of(&harness, "floor-1"));
    let there = row_of(&harness, "floor-2");
    assert!(there.contains("asking") && there.starts_with(" ?"), "{there}");
    assert!(!screen(&harness).join("\n").contains("Nothing needs attention"));
}

#[test]
fn the_worst_target_comes_first_with_its_worst_row() {
    let mut harness = three();
    answer_orders(&mut harness, THERE, &[("t1", WARN), ("t2", OK)]);
    answer_orders(&mut harness, BEYOND, &[("b1", CRIT), ("b2", WARN)]);
    answer_all(&mut harness, &[]);
    let rows = screen(&harness);
    let names: Vec<usize> = ["floor-3", "floor-2", "floor-1"]
        .iter()
        .map(|name| rows.iter().position(|row| row.contains(name)).unwrap())
        .collect();
    assert_eq!(names, [0, 1, 2], "{rows:#?}");
    assert!(rows[0].contains("✖ 1  ▲ 1") && rows[0].contains("Orders  b1  note of b1: payment failed"), "{}", rows[0]);
    assert!(rows[2].starts_with("›●"), "the one on screen is marked: {}", rows[2]);
}

#[test]
fn attention_is_one_list_and_enter_goes_to_the_row_of_another_target_and_esc_comes_back() {
    let mut harness = three();
    answer_orders(&mut harness, HERE, &[("h1", WARN)]);
    answer_orders(&mut harness, THERE, &[("t1", CRIT), ("t2", CRIT), ("t3", OK)]);
    answer_all(&mut harness, &[]);
    let rows = screen(&harness);
    let heading = rows.iter().position(|row| row.contains("Attention")).unwrap();
    assert!(rows[heading].contains("3 rows"), "{}", rows[heading]);
    for (row, wanted) in rows[heading + 1..].iter().zip([["floor-2", "t1"], ["floor-2", "t2"], ["floor-1", "h1"]]) {
        assert!(wanted.iter().all(|text| row.contains(text)), "{row}");
    }
    harness.press("j Enter");
    assert_eq!(
        (harness.model.at, harness.model.target().route),
        (THERE, Route::View(harness.model.pack().find("orders").unwrap()))
    );
    harness.answer("orders", Part::List, orders(&[("t1", CRIT), ("t2", CRIT), ("t3", OK)]));
    assert_eq!(harness.current("orders"), "t2");
    harness.press("Esc");
    assert_eq!((harness.model.at, harness.model.target().route), (HERE, Route::Overview));
    assert_eq!(harness.model.attention.list.cursor, 1, "where it was");
}

#[test]
fn a_target_that_was_chosen_does_not_lead_back_to_the_one_that_a_jump_came_from() {
    let mut harness = three();
    answer_orders(&mut harness, THERE, &[("t1", CRIT)]);
    harness.press("Enter");
    assert_eq!(harness.model.at, THERE);
    harness.press("T Enter");
    assert_eq!(harness.model.at, HERE, "by the list of targets, not by Esc");
    harness.press("T Down Enter Esc");
    assert_eq!((harness.model.at, harness.model.target().route), (THERE, Route::Overview));
}

#[test]
fn the_bell_rings_for_another_targets_new_crit_row_and_not_for_its_first_load() {
    let mut harness = three();
    answer_orders(&mut harness, THERE, &[("t1", CRIT), ("t2", OK)]);
    answer_all(&mut harness, &[]);
    assert_eq!(rings(&harness), 0);
    harness.press("2");
    harness.wait(MINUTE);
    answer_orders(&mut harness, THERE, &[("t1", CRIT), ("t2", CRIT)]);
    assert_eq!(rings(&harness), 1);
    let said = &harness.model.notice.as_ref().unwrap().text;
    assert_eq!(said, "floor-2: a new crit row in Orders", "nothing else in a tab would say why it rang");
    harness.wait(MINUTE);
    answer_orders(&mut harness, THERE, &[("t1", CRIT), ("t2", CRIT)]);
    assert_eq!(rings(&harness), 1);
}

#[test]
fn a_flood_is_one_line_for_each_target_that_has_one() {
    let mut harness = three();
    let flood: Vec<(&str, Severity)> = ["1", "2", "3", "4", "5", "6", "7"].map(|id| (id, CRIT)).to_vec();
    for target in [HERE, BEYOND] {
        answer_orders(&mut harness, target, &flood);
    }
    answer_all(&mut harness, &[]);
    let rows = screen(&harness);
    let floods: Vec<&String> = rows.iter().filter(|row| row.contains("7 of 7")).collect();
    assert_eq!(floods.len(), 2, "{rows:#?}");
    assert!(floods[0].contains("floor-1") && floods[1].contains("floor-3"), "{floods:?}");
    assert!(rows.iter().any(|row| row.contains("Attention") && row.contains("14 rows")));
}

#[test]
fn a_reload_from_the_overview_asks_all_targets_and_from_a_view_only_its_own() {
    let mut harness = three();
    answer_all(&mut harness, &[]);
    harness.press("R");
    assert!(
        [HERE, THERE, BEYOND].iter().all(|target| harness.asked.iter().any(|read| harness.target_of(read) == *target))
    );
    answer_all(&mut harness, &[]);
    harness.press("2");
    answer_all(&mut harness, &[]);
    harness.press("R");
    assert!(!harness.asked.is_empty() && harness.asked.iter().all(|read| harness.target_of(read) == HERE));
}

#[test]
fn a_reload_while_a_question_is_out_asks_once_more_when_that_one_has_failed() {
    let mut harness = three();
    answer_all(&mut harness, &[]);
    harness.press("R");
    let late = harness.take_of(THERE, "orders", Part::Summary);
    harness.press("R");
    harness.asked.clear();
    harness.reply(&late, Err(Failure::new(FailureKind::Unreachable, "connection refused")));
    harness.wait(0);
    let again = harness.take_of(THERE, "orders", Part::Summary);
    harness.reply(&again, Err(Failure::new(FailureKind::Unreachable, "connection refused")));
    harness.asked.clear();
    harness.wait(0);
    let asks = |read: &Read| harness.target_of(read) == THERE && read.to == harness.at("orders", Part::Summary);
    assert!(!harness.asked.iter().any(asks), "once, and then at its own pace");
}

#[test]
fn a_pause_holds_every_target() {
    let mut harness = three();
    answer_all(&mut harness, &[]);
    harness.press("p");
    harness.wait(10 * MINUTE);
    assert_eq!(harness.asked.len(), 0);
    assert!(next_wake(&harness.model).unwrap() > harness.model.clock.mono);
}

#[test]
fn many_targets_leave_the_list_its_room_and_say_how_the_rest_is() {
    let names: Vec<String> = (1..=15).map(|n| format!("floor-{n:02}")).collect();
    let targets: Vec<(&str, bool)> = names.iter().map(|name| (name.as_str(), true)).collect();
    for (size, shown, rest) in [((80, 24), 4, "+11 more"), ((160, 45), 11, "+4 more"), ((40, 10), 1, "+14 more")] {
        let mut harness = Harness::with_targets(&targets, size);
        answer_orders(&mut harness, TargetId(13), &[("x", CRIT)]);
        answer_all(&mut harness, &[]);
        let rows = screen(&harness);
        assert!(rows[0].contains("floor-14"), "{rows:#?}");
        assert!(rows[..shown].iter().all(|row| row.contains("floor-")), "{rows:#?}");
        assert!(rows[shown].contains(rest) && rows[shown].contains("all ok"), "{rows:#?}");
        let heading = rows.iter().position(|row| row.contains("Attention")).unwrap();
        assert!(heading + 1 < usize::from(size.1) - 4, "the list has a line at least: {rows:#?}");
    }
    let mut harness = Harness::with_targets(&targets, (80, 24));
    answer_all(&mut harness, &[TargetId(2), TargetId(5), TargetId(6), TargetId(7), TargetId(8), TargetId(14)]);
    let rows = screen(&harness);
    assert!(rows[4].contains("+11 more: ? 2  ● 9"), "{rows:#?}");
}

#[test]
fn the_list_of_targets_says_how_each_is() {
    let mut harness = Harness::with_targets(&[("floor-1", true), ("floor-2", true), ("floor-3", false)], (120, 30));
    answer_orders(&mut harness, HERE, &[("a", CRIT), ("b", WARN)]);
    answer_all(&mut harness, &[THERE]);
    harness.press("T");
    let lines = overlay::popup(&harness.model).expect("the list is open").lines;
    let said = |name: &str| {
        let lines = lines.iter().map(|line| line.iter().map(|span| &*span.text).collect::<String>());
        lines.into_iter().find(|line| line.contains(name)).expect("the target is in the list")
    };
    assert!(said("floor-1").ends_with("✖ 1  ▲ 1   Shop Floor"), "{}", said("floor-1"));
    assert!(said("floor-2").contains("? main: unreachable for 0s   Shop"), "{}", said("floor-2"));
    let words: Vec<String> = said("floor-3").split_whitespace().map(str::to_owned).collect();
    assert_eq!(words, ["floor-3", "Shop", "Floor"], "nothing is said of a target that is not watched");
}

#[test]
fn one_target_has_no_row_of_its_own() {
    let one = Harness::with_targets(&[("floor-1", true)], (120, 30));
    let first_of_two = Harness::new();
    assert_eq!(screen(&one), screen(&first_of_two));
    assert!(!screen(&one).iter().any(|row| row.contains("floor-1")));
}

#[test]
fn a_system_of_fewer_sources_leaves_their_columns_empty() {
    let mut harness = Harness::changed(&shop(), &THREE, (160, 45), |start| {
        let mut large = (*shop()).clone();
        let mut archive = large.sources[0].clone();
        archive.name = "archive".into();
        large.sources.push(archive);
        let first = &mut start.targets[0];
        first.pack = Arc::new(large);
        first.timeouts_ms.push(1_000);
        first.zones.push(first.zones[0].clone());
    });
    answer_all(&mut harness, &[]);
    let has_archive = |target: &str| row_of(&harness, target).contains("archive");
    assert!(has_archive("floor-1") && !has_archive("floor-2"), "{:#?}", screen(&harness));
    let end = |target: &str| {
        let row = row_of(&harness, target);
        row.rfind('●').map(|at| row[..at].chars().count())
    };
    assert_eq!(end("floor-1"), end("floor-2"), "their counts stand beneath each other: {:#?}", screen(&harness));
}
