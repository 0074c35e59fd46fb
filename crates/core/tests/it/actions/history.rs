//! The list of what was done on the targets.

use opsdash_core::{
    action::{ActionReport, WriteKind},
    contract::Ticket,
    effect::Effect,
    history::{History, HistoryEntry, RecordedWrite},
    model::Overlay,
    msg::Msg,
    time::Time,
    view::{footer, overlay},
};

use super::{at_orders, end, settle, written};
use crate::support::*;

fn minutes(minutes: i64) -> Time {
    Time(NOON).plus_ms(minutes * 60_000)
}

/// An order that was settled so many minutes ago.
fn settled(ago: i64, order: &str, customer: &str) -> HistoryEntry {
    let undo = RecordedWrite {
        target: "floor-1".into(),
        system: "shop".into(),
        view: "orders".into(),
        action: "settle".into(),
        scope: None,
        rows: vec![order.into()],
        written: written(&[order]),
        seen: Vec::new(),
        until: minutes(15 - ago),
    };
    HistoryEntry {
        id: format!("{order}-{ago}"),
        at: Some(minutes(-ago)),
        target: "floor-1".into(),
        view: "orders".into(),
        action: "settle".into(),
        title: "Settle".into(),
        who: "alice".into(),
        rows: 1,
        name: customer.into(),
        row: Some(order.into()),
        asked: vec![("note".into(), "INC-4711".into())],
        word: "done".into(),
        standing: 1,
        until: Some(minutes(15 - ago)),
        undo: (ago < 15).then_some(undo),
        ..HistoryEntry::default()
    }
}

fn awaited(harness: &Harness) -> Ticket {
    let asked = harness.other.iter().rev().find_map(|effect| match effect {
        Effect::ReadHistory(ticket) => Some(*ticket),
        _ => None,
    });
    asked.unwrap()
}

fn tell(harness: &mut Harness, entries: Vec<HistoryEntry>) {
    let ticket = awaited(harness);
    harness.tell(Msg::History { ticket, result: Ok(History { entries, is_cut: false }) });
}

fn opened(entries: Vec<HistoryEntry>) -> Harness {
    let mut harness = at_orders();
    harness.press("g h");
    tell(&mut harness, entries);
    harness
}

fn shown(harness: &Harness) -> String {
    plain(&overlay::popup(&harness.model).unwrap().lines).join("\n")
}

fn keys(harness: &Harness) -> String {
    plain(&[footer::line(&harness.model)]).concat()
}

#[test]
fn it_is_found_by_its_names_and_tells_newest_first_what_whose_and_how_it_stands() {
    let mut harness = at_orders();
    harness.press(":");
    harness.tell(Msg::Edited { text: "handover".into(), cursor: 8 });
    harness.press("Enter");
    assert!(shown(&harness).contains("reading the record"), "{}", shown(&harness));
    let taken_back = HistoryEntry {
        taken_back: Some(minutes(-20)),
        standing: 0,
        until: None,
        ..settled(30, "A-2", "Bob, order of 2 cakes")
    };
    let refused = HistoryEntry {
        word: "changed".into(),
        said: ": A-3: state is settled, was open".into(),
        standing: 0,
        until: None,
        undo: None,
        ..settled(60 * 24, "A-3", "Carol")
    };
    let elsewhere = HistoryEntry { target: "closed-floor".into(), ..settled(4, "A-4", "Dan") };
    tell(&mut harness, vec![settled(3, "A-1", "Alice, order of 1 tea"), elsewhere, taken_back, refused]);
    let shown = shown(&harness);
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    assert_eq!(lines[0].trim(), "3 actions, by this login on this machine, newest first");
    assert!(lines[1].starts_with("▌ 13:59 Z  Settle  Alice, order of 1 tea"), "{shown}");
    assert!(lines[1].ends_with("u takes it back until 14:14 Z"), "{shown}");
    assert_eq!(lines[2].trim(), "floor-1 · alice · 1 row · \"INC-4711\"");
    assert!(lines[3].contains("Bob") && lines[3].ends_with("taken back 13:42 Z"), "{shown}");
    assert!(lines[5].starts_with("  2026-11-19 14:02 Z  Settle  Carol") && lines[5].ends_with("not done"), "{shown}");
    assert!(lines[6].ends_with("changed: A-3: state is settled, was open"), "{shown}");
    assert!(!shown.contains("Dan"), "it is of no target that is shown here: {shown}");
}

#[test]
fn an_action_is_taken_back_from_its_line_by_the_box_that_u_opens() {
    let mut harness = opened(vec![settled(2, "A-2", "Bob"), settled(3, "A-1", "Alice")]);
    assert!(keys(&harness).contains("u take back"), "{}", keys(&harness));
    harness.press("j u");
    let Some(Overlay::Act(dialog)) = harness.model.overlays.last() else { panic!("{}", shown(&harness)) };
    assert_eq!((&dialog.request.rows, &dialog.write), (&vec!["A-1".to_owned()], &WriteKind::Undo(written(&["A-1"]))));
    harness.mean("Right Enter");
    let [(_, order, WriteKind::Undo(taken))] = &harness.writes()[..] else { panic!("{:?}", harness.writes()) };
    assert_eq!((&order.rows, taken), (&vec!["A-1".to_owned()], &written(&["A-1"])));
    let before = awaited(&harness);
    end(&mut harness, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    assert_ne!(awaited(&harness), before, "the record is read anew");
    harness.tell(Msg::History { ticket: before, result: Ok(History::default()) });
    assert!(shown(&harness).contains("Alice"), "a late answer is dropped");
    let undone = HistoryEntry {
        taken_back: Some(minutes(0)),
        standing: 0,
        until: None,
        undo: None,
        ..settled(3, "A-1", "Alice")
    };
    tell(&mut harness, vec![settled(2, "A-2", "Bob"), undone]);
    assert!(shown(&harness).contains("▌ 13:59 Z  Settle  Alice"), "the cursor stays on its line: {}", shown(&harness));
    harness.press("u");
    assert_eq!(notice(&harness), "Settle is taken back already");
}

#[test]
fn what_is_taken_back_there_leaves_what_was_done_last_to_the_key() {
    let mut harness = at_orders();
    harness.press("j");
    settle(&mut harness, &["A-2"]);
    end(&mut harness, ActionReport { done: written(&["A-2"]), ..ActionReport::default() });
    harness.press("g h");
    tell(&mut harness, vec![settled(3, "A-1", "Alice")]);
    harness.press("u");
    harness.mean("Right Enter");
    end(&mut harness, ActionReport { done: written(&["A-1"]), ..ActionReport::default() });
    harness.press("Esc u");
    let Some(Overlay::Act(dialog)) = harness.model.overlays.last() else { panic!("nothing to take back") };
    assert_eq!(dialog.request.rows, ["A-2"]);
}

#[test]
fn what_nothing_takes_back_says_why() {
    let undo = HistoryEntry { is_undo: true, ..settled(1, "A-1", "Alice") };
    let refused = HistoryEntry { word: "changed".into(), standing: 0, until: None, undo: None, ..undo.clone() };
    let refused = HistoryEntry { is_undo: false, ..refused };
    let gone = HistoryEntry { undo: None, until: None, ..settled(2, "A-1", "Alice") };
    let renamed = settled(3, "A-1", "Alice");
    let renamed = HistoryEntry {
        undo: renamed.undo.map(|undo| RecordedWrite { action: "refund".into(), ..undo }),
        title: "Refund".into(),
        ..settled(3, "A-1", "Alice")
    };
    let mut harness = opened(vec![undo, refused, gone, settled(16, "A-1", "Alice"), renamed]);
    for why in [
        "Undo of Settle took something back: to do it again, act on its rows",
        "Settle wrote nothing that is known",
        "Settle cannot be taken back",
        "Settle is more than 15 minutes old: it can no longer be taken back",
        "floor-1 knows no Refund any more",
    ] {
        harness.press("u");
        assert_eq!(notice(&harness), why);
        harness.wait(7_000);
        assert!(!keys(&harness).contains("take back"), "{}", keys(&harness));
        harness.press("j");
    }
}

#[test]
fn it_is_filtered_copied_and_exported_as_it_is_shown_and_esc_takes_one_step_back() {
    let mut harness = opened(vec![settled(2, "A-2", "Bob|*"), settled(3, "A-1", "Alice")]);
    harness.press("/");
    harness.tell(Msg::Edited { text: "settle bob".into(), cursor: 10 });
    assert!(shown(&harness).contains("Bob") && !shown(&harness).contains("Alice"), "{}", shown(&harness));
    harness.press("Enter Y");
    let copied = "- 2026-11-20 14:00 Z **floor-1**: Settle, Bob\\|\\*, by alice, \"INC-4711\", done, can be taken back until \
                  14:15 Z: `opsdash act --undo A-2-2`\n";
    assert_eq!(harness.other.last(), Some(&Effect::Copy(copied.into())));
    harness.press("e Enter");
    let Some(Effect::Export { document, of, .. }) = harness.other.last() else { panic!("{:?}", harness.other) };
    assert_eq!((document.target.as_str(), document.view.as_str(), document.rows.len()), ("floor-1", "history", 1));
    assert_eq!(*of, None);
    harness.press("Esc");
    assert!(shown(&harness).contains("Alice"), "{}", shown(&harness));
    harness.press("Enter");
    assert!(harness.model.overlays.is_empty());
    assert_eq!(harness.panel("orders").list.key.as_ref().map(opsdash_core::value::RowKey::as_str), Some("A-2"));
    harness.press("g h");
    let ticket = awaited(&harness);
    harness.tell(Msg::History { ticket, result: Err("permission denied".into()) });
    assert!(shown(&harness).contains("the record cannot be read: permission denied"), "{}", shown(&harness));
    harness.press("Y e u j G Esc");
    assert!(harness.model.overlays.is_empty());
}

#[test]
fn at_every_size_the_line_with_the_cursor_is_on_screen() {
    let many = || (0..40).map(|at| settled(at, &format!("A-{at}"), &format!("customer {at:02}"))).collect::<Vec<_>>();
    for size in [(20, 5), (80, 24), (160, 45)] {
        let mut harness = Harness::sized(size.0, size.1);
        harness.press("g h");
        tell(&mut harness, many());
        for key in ["j", "PageDown", "PageDown", "k", "G", "PageUp", "g", "Home"] {
            harness.press(key);
            let shown = shown(&harness);
            assert_eq!(shown.lines().filter(|line| line.starts_with('▌')).count(), 1, "{size:?} {key}: {shown}");
        }
    }
}
