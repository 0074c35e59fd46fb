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

use crate::support::{Desk, OK, acting_shop, customers, notice, orders, plain, shop};

fn at_orders(ids: &[&str]) -> Desk {
    let rows: Vec<(&str, Severity)> = ids.iter().map(|id| (*id, OK)).collect();
    Desk::at_orders(&shop(), &rows)
}

fn place(desk: &Desk) -> &str {
    match desk.model.target().route {
        Route::Overview => "overview",
        Route::View(view) => &desk.model.pack().view(view).id,
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
    let mut desk = Desk::new();
    desk.press("2");
    desk.answer("orders", Part::List, orders(&[("a", OK), ("b", OK)]));
    desk.press("Enter");
    assert!(desk.panel("orders").detail.is_some());
    desk.press("Alt-j");
    assert!(desk.panel("orders").detail.is_none());
    assert_eq!(desk.current("orders"), "b");
}

#[test]
fn esc_and_a_key_that_arrive_as_one_close_a_text_field_too() {
    let mut desk = at_orders(&["a"]);
    desk.press("/");
    assert!(!edits(&desk.model, "Alt-q".parse().unwrap()));
    desk.press("Alt-q");
    assert!(desk.model.overlays.is_empty());
    assert!(desk.other.contains(&Effect::Quit));
}

#[test]
fn a_chord_that_leads_nowhere_says_so_and_esc_takes_it_back_silently() {
    let mut desk = at_orders(&["a", "b"]);
    desk.press("g x");
    assert!(notice(&desk).contains("g x leads nowhere"), "{}", notice(&desk));
    desk.model.notice = None;
    desk.press("g Esc");
    assert_eq!((notice(&desk), desk.model.chord), ("", None));
    assert_eq!(place(&desk), "orders", "and it is no step back");
    desk.press("G g g");
    assert_eq!(desk.current("orders"), "a");
}

#[test]
fn a_link_wants_its_letter_alone() {
    let mut desk = at_orders(&["a"]);
    desk.press("g Ctrl-c");
    assert_eq!(place(&desk), "orders");
    desk.press("Ctrl-c");
    assert!(desk.other.contains(&Effect::Quit));
}

#[test]
fn a_link_from_a_row_without_a_value_says_what_is_missing() {
    let mut desk = Desk::new();
    desk.press("2");
    let mut rows = orders(&[("a", OK)]);
    rows.rows[0].cells[1] = Value::Null;
    desk.answer("orders", Part::List, rows);
    desk.press("g c");
    assert_eq!(place(&desk), "orders");
    assert!(notice(&desk).contains("customer_id"), "{}", notice(&desk));
}

#[test]
fn esc_takes_back_one_thing_at_a_time() {
    let mut desk = at_orders(&["apple", "pear"]);
    desk.press("1 2 g c");
    desk.answer("customers", Part::List, customers(&["c1"]));
    desk.press("Esc");
    assert_eq!(place(&desk), "orders", "the scope goes with the jump");
    desk.press("/");
    desk.type_in("p");
    desk.press("Enter");
    desk.answer("orders", Part::List, orders(&[("apple", OK), ("pear", OK)]));
    desk.press("/");
    desk.type_in("id:p");
    desk.press("Enter Space Enter Enter");
    let state = |desk: &Desk| {
        let panel = desk.panel("orders");
        (
            panel.detail.as_ref().map(|detail| detail.focused),
            panel.list.marks.len(),
            panel.list.narrowing.filter.is_some(),
            panel.choices.search.clone(),
            place(desk).to_owned(),
        )
    };
    let steps: Vec<_> = (0..6)
        .map(|_| {
            let now = state(&desk);
            desk.press("Esc");
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
    assert_eq!(place(&desk), "overview");
    desk.press("Esc");
    assert_eq!(place(&desk), "overview", "further back there is nothing");
}

#[test]
fn on_a_narrow_screen_the_detail_covers_the_list_and_esc_closes_it_at_once() {
    let mut desk = Desk::sized(80, 24);
    desk.press("2");
    desk.answer("orders", Part::List, orders(&[("a", OK)]));
    desk.press("Enter");
    assert!(desk.panel("orders").detail.as_ref().unwrap().focused);
    desk.press("Esc");
    assert!(desk.panel("orders").detail.is_none());
    assert_eq!(place(&desk), "orders");
}

#[test]
fn marks_do_not_outlive_the_choices_that_they_were_made_under() {
    let mut desk = at_orders(&["a", "b"]);
    desk.press("Space f Right Esc");
    desk.answer("orders", Part::List, orders(&[("b", OK)]));
    assert!(desk.panel("orders").list.marks.is_empty());
    desk.press("Y");
    let copied = desk.other.iter().any(|effect| matches!(effect, Effect::Copy(text) if text.starts_with("b\t")));
    assert!(copied, "the row with the cursor, not the row that is gone");
}

#[test]
fn a_mark_follows_its_row_through_a_refresh() {
    let mut desk = at_orders(&["a", "b"]);
    desk.press("Space");
    desk.wait(15_000);
    desk.answer("orders", Part::List, orders(&[("b", OK), ("a", OK)]));
    let marked = plain(&list::lines(&desk.model).unwrap());
    assert!(marked[0].contains("1 marked"), "{}", marked[0]);
    assert!(marked[3].contains('•') && marked[3].contains('a'), "{}", marked[3]);
}

#[test]
fn a_copied_cell_is_the_chosen_columns_raw_value() {
    let mut desk = at_orders(&["a"]);
    desk.press("Right y");
    assert!(desk.other.contains(&Effect::Copy("40".into())), "{:?}", desk.other);
    desk.press("Left Left y");
    assert!(desk.other.contains(&Effect::Copy("a".into())));
}

#[test]
fn without_rows_there_is_nothing_to_mark_copy_or_export() {
    let mut desk = at_orders(&[]);
    for key in ["Space", "y", "Y", "e"] {
        desk.model.notice = None;
        desk.press(key);
        assert!(notice(&desk).contains("no row"), "{key}: {}", notice(&desk));
    }
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn letters_go_to_the_text_field_and_ctrl_c_leaves_from_anywhere() {
    let mut desk = at_orders(&["a"]);
    assert!(!edits(&desk.model, 'q'.into()));
    desk.press("/");
    assert!(edits(&desk.model, 'q'.into()) && edits(&desk.model, "Backspace".parse().unwrap()));
    assert!(!edits(&desk.model, "Ctrl-c".parse().unwrap()));
    desk.press("Ctrl-c");
    assert!(desk.other.contains(&Effect::Quit));
    for open in ["?", "f", "T"] {
        let mut desk = at_orders(&["a"]);
        desk.press(open);
        desk.press("Ctrl-c");
        assert!(desk.other.contains(&Effect::Quit), "{open}");
    }
}

#[test]
fn a_filter_keeps_the_cursor_on_its_row() {
    let mut desk = at_orders(&["apple", "pear", "plum"]);
    desk.press("G /");
    desk.type_in("id:p");
    desk.press("Enter");
    assert_eq!(desk.current("orders"), "plum");
    desk.press("Esc");
    assert_eq!(desk.current("orders"), "plum");
}

#[test]
fn the_help_scrolls_to_its_end_and_no_further() {
    let mut desk = Desk::sized(80, 24);
    desk.press("?");
    desk.press("G");
    let scroll = |desk: &Desk| match desk.model.overlays.last() {
        Some(Overlay::Help { scroll }) => *scroll,
        _ => panic!("the help is open"),
    };
    let end = scroll(&desk);
    assert!(end > 0);
    desk.press("j PageDown");
    assert_eq!(scroll(&desk), end);
    desk.press("PageUp PageUp PageUp PageUp PageUp");
    assert_eq!(scroll(&desk), 0);
    desk.press("?");
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn a_picker_goes_around_and_says_when_nothing_fits() {
    let mut desk = at_orders(&["a"]);
    desk.press("T Up Enter");
    assert_eq!(desk.model.target().name, "floor-2", "up from the first is the last");
    desk.press(":");
    desk.type_in("nothing is called this");
    let sheet = opsdash_core::view::overlay::popup(&desk.model).unwrap();
    assert!(plain(&sheet.lines).iter().any(|line| line.contains("nothing fits")));
    desk.press("Enter");
    assert!(desk.model.overlays.is_empty());
}

#[test]
fn the_system_asking_to_leave_is_obeyed() {
    let mut desk = at_orders(&["a"]);
    desk.press(":");
    desk.tell(Msg::Terminate);
    assert!(desk.other.contains(&Effect::Quit));
}

#[test]
fn tabs_go_around_and_a_number_beyond_them_says_so() {
    let mut desk = Desk::new();
    desk.press("BackTab");
    assert_eq!(place(&desk), "stock");
    desk.press("Tab");
    assert_eq!(place(&desk), "overview");
    desk.press("9");
    assert!(notice(&desk).contains("no such tab"));
}
