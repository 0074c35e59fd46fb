//! What each state of the program shows, on the screen that everybody has.

use opsdash_pack::pack::Tone;

use super::{
    acting,
    drawn::Drawn,
    scenes::{
        Scene, calm, empty, facets, filter, group_list, group_overview, list, no_data, operators, overview, start,
        targets_many,
    },
};

fn drawn(scene: Scene) -> Drawn {
    Drawn::of(&scene((80, 24)).model)
}

/// The line of tabs.
fn tabs(screen: &Drawn) -> String {
    screen.lines().swap_remove(1)
}

#[test]
fn before_the_first_answer_every_card_and_the_list_wait() {
    let screen = drawn(start);
    assert_eq!(screen.line("asking").matches("asking").count(), 3, "a card of each tab");
    assert_eq!(screen.text().matches("asking").count(), 4, "and the list");
    assert_eq!(screen.header().matches("connecting").count(), 2);
    assert!(!screen.text().contains("Nothing needs attention"), "nothing is known yet");
    assert_eq!(tabs(&screen), "  1 Overview   2 Orders   3 Customers   4 Stock lists");
}

#[test]
fn with_nothing_wrong_the_overview_says_so_and_no_tab_counts_anything() {
    let screen = drawn(calm);
    screen.shows(&["Nothing needs attention.", "● 40"]);
    screen.is_toned("● 40", Tone::Ok);
    assert_eq!(tabs(&screen), "  1 Overview   2 Orders   3 Customers   4 Stock lists");
    screen.hides(&["✖", "▲", "?  "]);
}

#[test]
fn counts_and_lines_of_the_overview_have_the_tone_of_their_severity() {
    let screen = drawn(overview);
    for (text, tone) in [
        ("✖ 2  ? 1", Tone::Crit),
        ("? 1  ▲ 1", Tone::Unknown),
        ("▲ 1  ● 1 229", Tone::Warn),
        ("● 1 229", Tone::Ok),
        ("✖ Orders       A-1041", Tone::Crit),
        ("▲ Orders       A-1007", Tone::Warn),
    ] {
        screen.is_toned(text, tone);
    }
    assert!(screen.line("Attention").ends_with("7 rows"));
}

#[test]
fn a_row_of_each_severity_has_its_sign_in_its_tone() {
    let screen = drawn(list);
    for (row, tone) in
        [("✖ A-1041", Tone::Crit), ("▲ A-1007", Tone::Warn), ("? A-1029", Tone::Unknown), ("● A-1001", Tone::Ok)]
    {
        screen.is_toned(row, tone);
    }
    assert!(screen.line("1 marked").contains("5 of 1 233 rows  3s ago"), "{}", screen.text());
    assert!(screen.line("A-1041").starts_with("▌•✖"), "the cursor, the mark and the severity");
}

#[test]
fn views_that_share_a_tab_have_one_card_and_their_own_lines() {
    let screen = drawn(group_overview);
    assert_eq!(tabs(&screen), "  1 Overview   2 Orders ✖2 ?1 ▲1   3 Base ✖3 ▲1");
    screen.shows(&["✖ 3  ▲ 1  ● 2", "✖ Customers    c2", "✖ Stock lists  prices-1.9.csv"]);
    let screen = drawn(group_list);
    screen.shows(&["Customers ✖1 · Stock lists ✖2 ▲1"]);
    screen.is_toned("✖ c2", Tone::Crit);
    assert!(screen.footer().contains("3 Stock lists"), "the key of the tab goes on to the next of its views");
}

#[test]
fn without_any_rows_it_says_why_and_when_it_tries_again() {
    let screen = drawn(no_data);
    screen.shows(&["Orders  NO DATA  schema", "relation \"orders\" does not exist", "What is missing: orders"]);
    assert!(screen.line("NO DATA").ends_with("next try in 1s"));
    assert!(screen.header().contains("files ✖ 0s: unreachable") && screen.header().contains("main ●"));
    assert!(tabs(&screen).contains("2 Orders ~"));
    let screen = drawn(empty);
    screen.shows(&["No open order.", "0 rows  0s ago"]);
    screen.hides(&["NO DATA"]);
}

#[test]
fn a_filter_says_what_it_lets_pass_and_the_facets_what_there_is_to_choose() {
    let screen = drawn(filter);
    assert_eq!(screen.footer(), " / !severity:ok id:10                                 Enter applies, Esc undoes");
    assert!(screen.line("filter:!severity:ok").contains("4 of 1 233 rows"));
    screen.shows(&["A-1041", "A-1007"]);
    screen.hides(&["A-1001"]);
    let screen = drawn(facets);
    screen.shows(&["Orders  state:all", "Orders: what the list holds", "▌state   open  all"]);
    let chosen = screen.style(&format!("all{}│", " ".repeat(14)));
    assert_ne!(screen.style("open  all"), chosen, "the one that is chosen stands out");
    assert!(screen.footer().contains("Left Right choose") && screen.footer().contains("Esc close"));
}

#[test]
fn of_many_targets_the_worst_come_first_and_the_rest_is_counted() {
    let screen = drawn(targets_many);
    let lines = screen.lines();
    assert!(lines[3].starts_with(" ✖ floor-17"), "{lines:#?}");
    assert!(lines[4].starts_with("›● floor-1 "), "the one on screen is marked: {lines:#?}");
    screen.shows(&["+16 more: all ok", "✖ floor-17  Orders  A-1041"]);
    screen.is_toned("✖ floor-17", Tone::Crit);
}

#[test]
fn who_else_looks_is_named_where_there_is_room_and_counted_elsewhere() {
    assert!(drawn(operators).header().contains("  +2  read-write"));
    let wide = Drawn::of(&operators((160, 45)).model).header();
    assert!(wide.contains("+ bob, carol"), "{wide}");
}

#[test]
fn the_box_of_an_action_says_which_rows_and_what_becomes_of_them() {
    let screen = drawn(acting::many);
    screen.shows(&[
        "Settle 250 rows on floor-1",
        "日本 Inc.",
        "1 to 6 of 250",
        "open → settled",
        "250 rows. Can be taken back for 15 minutes with u.",
        "Type the number of rows, ",
    ]);
    assert!(screen.footer().contains("PageUp PageDown rows") && screen.footer().contains("Esc write nothing"));
    let screen = drawn(acting::choice);
    screen.shows(&["Route on floor-1", "Depot:", " North   South"]);
    assert_ne!(screen.style("North "), screen.style("South "), "the one that is chosen stands out");
    let screen = drawn(acting::undo);
    screen.shows(&["Undo Settle on floor-1", "settled → open", "Only what is still as it was left is taken back."]);
    screen.shows(&["[ Cancel ]"]);
    assert!(screen.footer().contains("Enter cancel"), "{}", screen.footer());
}

#[test]
fn what_is_being_written_stands_in_the_first_line_and_what_came_of_it_must_be_read() {
    let screen = drawn(acting::writing);
    assert!(screen.header().contains("  writing  read-write"));
    screen.hides(&["╭"]);
    let screen = drawn(acting::told);
    screen.shows(&["Settle on floor-1: not done: the rows had changed", "Nothing is written."]);
    screen.shows(&["A-1041: state is settled, was open; changed by bob at 2026-11-20"]);
    assert!(screen.footer().ends_with("Enter close"));
}

#[test]
fn a_protected_target_says_so_and_asks_for_its_name() {
    let screen = drawn(acting::arm);
    screen.shows(&["floor-1 is protected", "Type its name, then Enter. Esc leaves it protected."]);
    screen.is_toned("This is not its name.", Tone::Warn);
    assert!(screen.header().contains("  protected  ") && screen.footer().contains("Enter arm"));
    let screen = drawn(acting::armed);
    screen.is_toned("ARMED", Tone::Warn);
    assert_eq!(screen.footer(), " floor-1 may be written to, until 10 minutes have passed without a key");
}

#[test]
fn a_snoozed_row_is_out_of_the_list_and_in_its_counts() {
    let screen = drawn(acting::snoozed);
    assert!(screen.line("Orders  state:open").contains("1 snoozed  2 of 3 rows"));
    screen.shows(&["A-1038", "A-1029", "1 snoozed; S shows them"]);
    screen.hides(&["A-1041"]);
    assert!(tabs(&screen).contains("2 Orders ✖3"));
    assert_eq!(screen.footer(), " 1 row snoozed until 2026-11-20 15:02:00 Z");
}
