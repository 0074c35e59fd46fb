//! What keys do: chords, the way back, overlays, marks.

use opsdash_core::{
    contract::Part,
    effect::Effect,
    model::{Overlay, Route},
    msg::Msg,
    update::edits,
    value::{Severity, Value},
    view::list,
};
use opsdash_pack::keymap::Keymap;

use crate::support::{FLOORS, Harness, OK, acting_shop, customers, notice, orders, plain, shop};

fn at_orders(ids: &[&str]) -> Harness {
    let rows: Vec<(&str, Severity)> = ids.iter().map(|id| (*id, OK)).collect();
    Harness::at_orders(&shop(), &rows)
}

fn place(harness: &Harness) -> &str {
    match harness.model.target().route {
        Route::Overview => "overview",
        Route::View(view) => &harness.model.pack().view(view).id,
    }
}

#[test]
fn a_key_that_an_action_needs_cannot_be_given_to_a_command() {
    let keymap = |key: &str| Keymap::with(&[("pause".to_owned(), vec![key.to_owned()])].into()).unwrap();
    let why = keymap("r").check_actions(&acting_shop()).unwrap_err();
    assert!(why.contains("\"r\" is bound to pause") && why.contains("\"Settle\" in Orders"), "{why}");
    assert!(keymap("P").check_actions(&acting_shop()).is_ok());
}

#[test]
fn esc_and_a_key_that_arrive_as_one_are_two() {
    let mut harness = Harness::new();
    harness.press("2");
    harness.answer("orders", Part::List, orders(&[("a", OK), ("b", OK)]));
    harness.press("Enter");
    assert!(harness.panel("orders").detail.is_some());
    harness.press("Alt-j");
    assert!(harness.panel("orders").detail.is_none());
    assert_eq!(harness.current("orders"), "b");
}

#[test]
fn esc_and_a_key_that_arrive_as_one_close_a_text_field_too() {
    let mut harness = at_orders(&["a"]);
    harness.press("/");
    assert!(!edits(&harness.model, "Alt-q".parse().unwrap()));
    harness.press("Alt-q");
    assert!(harness.model.overlays.is_empty());
    harness.wait(200);
    assert!(harness.other.contains(&Effect::Quit));
}

#[test]
fn a_chord_that_leads_nowhere_says_so_and_esc_takes_it_back_silently() {
    let mut harness = at_orders(&["a", "b"]);
    harness.press("g x");
    assert!(notice(&harness).contains("g x leads nowhere"), "{}", notice(&harness));
    let mut harness = at_orders(&["a", "b"]);
    harness.press("g Esc");
    assert_eq!((notice(&harness), harness.model.chord), ("", None));
    assert_eq!(place(&harness), "orders", "and it is no step back");
    harness.press("G g g");
    assert_eq!(harness.current("orders"), "a");
}

#[test]
fn a_link_wants_its_letter_alone() {
    let mut harness = at_orders(&["a"]);
    harness.press("g Ctrl-c");
    assert_eq!(place(&harness), "orders");
    harness.press("Ctrl-c");
    assert!(harness.other.contains(&Effect::Quit));
}

#[test]
fn a_link_from_a_row_without_a_value_says_what_is_missing() {
    let mut harness = Harness::new();
    harness.press("2");
    let mut rows = orders(&[("a", OK)]);
    rows.rows[0].cells[1] = Value::Null;
    harness.answer("orders", Part::List, rows);
    harness.press("g c");
    assert_eq!(place(&harness), "orders");
    assert!(notice(&harness).contains("customer_id"), "{}", notice(&harness));
}

#[test]
fn esc_takes_back_one_thing_at_a_time() {
    let mut harness = at_orders(&["apple", "pear"]);
    harness.press("1 2 g c");
    harness.answer("customers", Part::List, customers(&["c1"]));
    harness.press("Esc");
    assert_eq!(place(&harness), "orders", "what the link set goes with it");
    harness.press("/");
    harness.type_in("p");
    harness.press("Enter");
    harness.answer("orders", Part::List, orders(&[("apple", OK), ("pear", OK)]));
    harness.press("/");
    harness.type_in("id:p");
    harness.press("Enter Space Enter Enter");
    let state = |harness: &Harness| {
        let panel = harness.panel("orders");
        (
            panel.detail.as_ref().map(|detail| detail.focused),
            panel.list.marks.len(),
            panel.list.narrowing.filter.is_some(),
            panel.choices.search.clone(),
            place(harness).to_owned(),
        )
    };
    let steps: Vec<_> = (0..6)
        .map(|_| {
            let now = state(&harness);
            harness.press("Esc");
            now
        })
        .collect();
    let step =
        |detail, marks, filter, search: &str, place: &str| (detail, marks, filter, search.to_owned(), place.to_owned());
    assert_eq!(
        steps,
        [
            step(Some(true), 1, true, "p", "orders"),
            step(Some(false), 1, true, "p", "orders"),
            step(None, 1, true, "p", "orders"),
            step(None, 0, true, "p", "orders"),
            step(None, 0, false, "p", "orders"),
            step(None, 0, false, "", "orders"),
        ]
    );
    assert_eq!(place(&harness), "overview");
    harness.press("Esc");
    assert_eq!(place(&harness), "overview", "further back there is nothing");
}

#[test]
fn on_a_narrow_screen_the_detail_covers_the_list_and_esc_closes_it_at_once() {
    let mut harness = Harness::sized(80, 24);
    harness.press("2");
    harness.answer("orders", Part::List, orders(&[("a", OK)]));
    harness.press("Enter");
    assert!(harness.panel("orders").detail.as_ref().unwrap().focused);
    harness.press("Esc");
    assert!(harness.panel("orders").detail.is_none());
    assert_eq!(place(&harness), "orders");
}

#[test]
fn marks_do_not_outlive_the_choices_that_they_were_made_under() {
    let mut harness = at_orders(&["a", "b"]);
    harness.press("Space f Right Esc");
    harness.answer("orders", Part::List, orders(&[("b", OK)]));
    assert!(harness.panel("orders").list.marks.is_empty());
    harness.press("Y");
    let copied = harness.other.iter().any(|effect| matches!(effect, Effect::Copy(text) if text.starts_with("b\t")));
    assert!(copied, "the row with the cursor, not the row that is gone");
}

#[test]
fn a_mark_follows_its_row_through_a_refresh() {
    let mut harness = at_orders(&["a", "b"]);
    harness.press("Space");
    harness.wait(15_000);
    harness.answer("orders", Part::List, orders(&[("b", OK), ("a", OK)]));
    let marked = plain(&list::lines(&harness.model).unwrap());
    assert!(marked[0].contains("1 marked"), "{}", marked[0]);
    assert!(marked[3].contains('•') && marked[3].contains('a'), "{}", marked[3]);
}

#[test]
fn a_copied_cell_is_the_chosen_columns_raw_value() {
    let mut harness = at_orders(&["a"]);
    harness.press("Right y");
    assert!(harness.other.contains(&Effect::Copy("40".into())), "{:?}", harness.other);
    harness.press("Left Left y");
    assert!(harness.other.contains(&Effect::Copy("a".into())));
}

#[test]
fn without_rows_there_is_nothing_to_mark_copy_or_export() {
    for key in ["Space", "y", "Y", "e"] {
        let mut harness = at_orders(&[]);
        harness.press(key);
        assert!(notice(&harness).contains("no row"), "{key}: {}", notice(&harness));
        assert!(harness.model.overlays.is_empty());
    }
}

#[test]
fn letters_go_to_the_text_field_and_ctrl_c_leaves_from_anywhere() {
    let mut harness = at_orders(&["a"]);
    assert!(!edits(&harness.model, 'q'.into()));
    harness.press("/");
    assert!(edits(&harness.model, 'q'.into()) && edits(&harness.model, "Backspace".parse().unwrap()));
    assert!(!edits(&harness.model, "Ctrl-c".parse().unwrap()));
    harness.press("Ctrl-c");
    assert!(harness.other.contains(&Effect::Quit));
    for open in ["?", "f", "T"] {
        let mut harness = at_orders(&["a"]);
        harness.press(open);
        harness.press("Ctrl-c");
        assert!(harness.other.contains(&Effect::Quit), "{open}");
    }
}

#[test]
fn a_filter_keeps_the_cursor_on_its_row() {
    let mut harness = at_orders(&["apple", "pear", "plum"]);
    harness.press("G /");
    harness.type_in("id:p");
    harness.press("Enter");
    assert_eq!(harness.current("orders"), "plum");
    harness.press("Esc");
    assert_eq!(harness.current("orders"), "plum");
}

#[test]
fn the_help_scrolls_to_its_end_and_no_further() {
    let mut harness = Harness::sized(80, 24);
    harness.press("?");
    harness.press("G");
    let scroll = |harness: &Harness| match harness.model.overlays.last() {
        Some(Overlay::Help { scroll }) => *scroll,
        _ => panic!("the help is open"),
    };
    let end = scroll(&harness);
    assert!(end > 0);
    harness.press("j PageDown");
    assert_eq!(scroll(&harness), end);
    harness.press("PageUp PageUp PageUp PageUp PageUp");
    assert_eq!(scroll(&harness), 0);
    harness.press("?");
    assert!(harness.model.overlays.is_empty());
}

#[test]
fn a_picker_goes_around_and_says_when_nothing_fits() {
    let mut harness = at_orders(&["a"]);
    harness.press("T Up Enter");
    assert_eq!(harness.model.target().name, "floor-2", "up from the first is the last");
    harness.press("T");
    harness.type_in("nothing is called this");
    let popup = opsdash_core::view::overlay::popup(&harness.model).unwrap();
    assert!(plain(&popup.lines).iter().any(|line| line.contains("nothing fits")));
    harness.press("Enter");
    assert!(harness.model.overlays.is_empty());
}

#[test]
fn the_system_asking_to_leave_is_obeyed() {
    let mut harness = at_orders(&["a"]);
    harness.press(":");
    harness.tell(Msg::Terminate);
    assert!(harness.other.contains(&Effect::Quit));
}

#[test]
fn tabs_go_around_and_a_number_beyond_them_says_so() {
    let mut harness = Harness::new();
    harness.press("BackTab");
    assert_eq!(place(&harness), "stock");
    harness.press("Tab");
    assert_eq!(place(&harness), "overview");
    harness.press("9");
    assert!(notice(&harness).contains("no such tab"));
}

#[test]
fn sentences_name_the_keys_that_the_user_gave() {
    let keys = [("help", "F"), ("back", "Q"), ("column_left", "H"), ("column_right", "L")];
    let keys = keys.map(|(command, key)| (command.to_owned(), vec![key.to_owned()])).into();
    let keymap = Keymap::with(&keys).unwrap();
    let mut harness = Harness::changed(&shop(), &FLOORS, (120, 30), |start| start.keymap = keymap);
    harness.press("g x");
    assert_eq!(notice(&harness), "g x leads nowhere here; F lists the keys");
    let mut harness = harness.open_orders(&[("a", OK)]);
    harness.press("Enter Enter Enter");
    assert_eq!(notice(&harness), "it is open; Q closes it");
}
