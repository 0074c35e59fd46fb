//! Files that are read to their end from the screen: verified, fetched, stopped.

use opsdash_core::{
    action::TextRow,
    catalog::FetchRequest,
    contract::{Failure, FailureKind, Listing, Part, StoredFile, Ticket, VerifyResult},
    effect::Effect,
    model::Overlay,
    msg::Msg,
    time::Time,
    value::{Severity, Value},
    view::{footer, header},
};
use opsdash_pack::pack::Pack;
use std::sync::Arc;

use crate::support::{FLOORS, Harness, NOON, handing_shop, notice, plain, shop, table};

const SUM: &str = "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7";
const A: &str = "64b7f0a1c2d3e4f5a6b7c8d1";
const B: &str = "64b7f0a1c2d3e4f5a6b7c8d2";

fn file(id: &str) -> StoredFile {
    StoredFile {
        stored_id: None,
        id: id.into(),
        name: format!("{}.csv", &id[22..]),
        length: Some(1_000_000),
        chunk_size: None,
        uploaded: Some(Time(NOON)),
        chunks: None,
        metadata: None,
        checked: None,
    }
}

/// At the list of two files, the first of them handed out, and a row whose file is missing.
fn at_stock() -> Harness {
    at_stock_of(&shop())
}

fn at_stock_of(pack: &Arc<Pack>) -> Harness {
    let mut harness = Harness::of(pack, &FLOORS, (120, 30));
    harness.press("4");
    let row = |key: &'static str, id: &str, active| {
        let name = format!("{}.csv", &id[22..]);
        let cells =
            vec![Value::text(id), Value::text(&name), Value::Int(1_000_000), Value::text(SUM), Value::Bool(active)];
        (key, Severity::Ok, "", cells)
    };
    let rows = vec![row("1", A, true), row("2", B, false), row("3", "64b7f0a1c2d3e4f5a6b7c8d3", false)];
    harness.answer("stock", Part::List, table(&["file_id", "filename", "size", "checksum", "active"], rows));
    harness.list_store("stock", Listing { files: vec![file(A), file(B)], truncated: false, orphans: Some(Vec::new()) });
    harness
}

fn reading(harness: &Harness) -> (Ticket, Vec<String>) {
    let found = harness.other.iter().rev().find_map(|effect| match effect {
        Effect::Verify { ticket, files, .. } => Some((*ticket, files.iter().map(|file| file.id.clone()).collect())),
        _ => None,
    });
    found.expect("something is read")
}

fn fetching(harness: &Harness) -> (Ticket, FetchRequest) {
    let found = harness.other.iter().rev().find_map(|effect| match effect {
        Effect::Fetch { ticket, file, .. } => Some((*ticket, (**file).clone())),
        _ => None,
    });
    found.expect("something is fetched")
}

fn verdicts(harness: &Harness) -> Vec<(String, String)> {
    let rows = &harness.panel("stock").list_snapshot().expect("rows").rows;
    let verdict = |row: &opsdash_core::value::Row| row.cells[0].as_text().unwrap_or_default().to_owned();
    rows.iter().map(|row| (row.key.as_str().to_owned(), verdict(row))).collect()
}

fn footer_of(harness: &Harness) -> String {
    plain(&[footer::line(&harness.model)]).concat()
}

fn verify(harness: &mut Harness, ticket: Ticket, id: &str, sha256: &str) {
    harness.tell(Msg::Verified { ticket, id: id.into(), checked: VerifyResult::Sha256(sha256.into()) });
}

#[test]
fn every_file_is_read_once_and_judged_as_it_is_done() {
    let mut harness = at_stock();
    harness.press("V");
    let (ticket, ids) = reading(&harness);
    assert_eq!(ids, [A, B]);
    verify(&mut harness, ticket, A, SUM);
    assert!(verdicts(&harness).contains(&("catalog:1".into(), "OK".into())));
    assert!(verdicts(&harness).contains(&("catalog:2".into(), "UNVERIFIED".into())));
    verify(&mut harness, ticket, B, "bad");
    assert!(verdicts(&harness).contains(&("catalog:2".into(), "CHECKSUM_BAD".into())));
    harness.tell(Msg::Transferred { ticket, result: Ok(String::new()) });
    assert_eq!(notice(&harness), "1 of 2 files is not as the catalog promises");
    harness.press("V");
    assert!(notice(&harness).contains("every file was read already"), "{}", notice(&harness));
}

#[test]
fn a_damaged_file_is_bad_whatever_its_verdict() {
    let mut harness = at_stock();
    harness.press("V");
    let (ticket, _) = reading(&harness);
    let checked = VerifyResult::Damaged("chunk 1 of 4 is missing".into());
    harness.tell(Msg::Verified { ticket, id: A.into(), checked });
    harness.tell(Msg::Transferred { ticket, result: Ok(String::new()) });
    assert_eq!(notice(&harness), "1 of 2 files is not as the catalog promises");
}

#[test]
fn esc_closes_what_lies_over_the_list_before_it_stops() {
    let mut harness = at_stock();
    harness.press("V G Enter Esc");
    let (ticket, _) = reading(&harness);
    assert!(!harness.cancelled.contains(&ticket) && harness.model.transfer.is_some());
    harness.press("Esc");
    assert!(harness.cancelled.contains(&ticket));
}

#[test]
fn a_file_that_is_handed_out_and_turns_out_bad_rings() {
    let mut harness = at_stock();
    harness.press("V");
    let (ticket, _) = reading(&harness);
    harness.other.clear();
    verify(&mut harness, ticket, A, "bad");
    assert!(harness.other.contains(&Effect::Bell));
}

#[test]
fn progress_and_what_is_left_stand_below_and_in_short_above() {
    let mut harness = at_stock();
    harness.press("V");
    let (ticket, _) = reading(&harness);
    harness.wait(1_000);
    harness.tell(Msg::Moving { ticket, bytes: 500_000 });
    let below = footer_of(&harness);
    assert!(
        below.contains("verifying 1 of 2  25 %") && below.contains("3s left") && below.contains("Esc stop"),
        "{below}"
    );
    harness.press("2");
    assert!(plain(&[header::line(&harness.model)]).concat().contains("verifying 25 %"));
    harness.press("Esc 2");
    assert!(harness.cancelled.is_empty(), "Esc elsewhere stops nothing");
}

#[test]
fn esc_stops_what_is_read_and_what_was_read_before_stays() {
    let mut harness = at_stock();
    harness.press("V");
    let (ticket, _) = reading(&harness);
    verify(&mut harness, ticket, A, SUM);
    harness.press("Esc");
    assert_eq!(harness.cancelled, [ticket]);
    assert_eq!(notice(&harness), "stopped; 1 of 2 were read and are kept");
    verify(&mut harness, ticket, B, SUM);
    assert!(verdicts(&harness).contains(&("catalog:2".into(), "UNVERIFIED".into())), "a late answer is dropped");
    harness.press("V");
    assert_eq!(reading(&harness).1, [B]);
}

#[test]
fn a_store_that_goes_away_is_told_and_can_be_tried_again() {
    let mut harness = at_stock();
    harness.press("V");
    let (ticket, _) = reading(&harness);
    let why = Failure::new(FailureKind::Unreachable, "the store is away");
    harness.tell(Msg::Transferred { ticket, result: Err(why) });
    assert!(
        notice(&harness).contains("0 of 2 read, their results are kept: unreachable: the store is away; try again"),
        "{}",
        notice(&harness)
    );
    harness.press("V");
    assert_ne!(reading(&harness).0, ticket);
}

#[test]
fn one_is_read_at_a_time() {
    let mut harness = at_stock();
    harness.press("V v");
    assert_eq!(notice(&harness), "a file is being read already; Esc in its list stops it");
    harness.press("d");
    assert_eq!(notice(&harness), "a file is being read already; Esc in its list stops it");
}

#[test]
fn marked_files_are_verified_together_and_one_alone_is_fetched() {
    let mut harness = at_stock();
    harness.press("g g Space Space Space");
    harness.press("d");
    assert_eq!(notice(&harness), "one file at a time is fetched; Esc unmarks");
    harness.press("v");
    assert_eq!(reading(&harness).1.len(), 2, "the third one is missing");
    assert!(harness.panel("stock").list.marks.is_empty());
    let mut harness = at_stock();
    harness.press("G k d");
    let Some(Overlay::Picker(picker)) = harness.model.overlays.last() else { panic!("it was not asked") };
    let [item] = &picker.items[..] else { panic!("{picker:?}") };
    assert_eq!((&*picker.title, &*item.label, &*item.note), ("Download to ~/incident/", "d2.csv", "976.6 KiB"));
    harness.press("Esc");
    assert!(harness.model.transfer.is_none(), "nothing is fetched unasked");
    harness.press("d Enter");
    let (ticket, wanted) = fetching(&harness);
    assert_eq!(wanted.promised.as_deref(), Some(SUM));
    harness.tell(Msg::Transferred { ticket, result: Ok("here".into()) });
    assert_eq!(notice(&harness), "here");
}

/// What a look returns of the first row, naming this file.
fn look(harness: &mut Harness, id: &str) {
    let (ticket, _) = harness.preview();
    let text = |name: &str, text: &str| (name.to_owned(), Some(text.to_owned()));
    let record = TextRow(vec![text("key", "1"), text("row", "catalog:1"), text("file_id", id), text("checksum", SUM)]);
    harness.tell(Msg::Previewed { ticket, result: Ok(vec![record]) });
    harness.wait(200);
}

#[test]
fn a_file_is_handed_out_only_while_it_is_as_it_was_verified() {
    let mut harness = at_stock_of(&handing_shop());
    harness.press("i");
    assert!(notice(&harness).contains("Hand out is off: its file is UNVERIFIED"), "{}", notice(&harness));
    harness.press("v");
    let (ticket, _) = reading(&harness);
    verify(&mut harness, ticket, A, SUM);
    harness.tell(Msg::Transferred { ticket, result: Ok(String::new()) });
    harness.press("i");
    look(&mut harness, B);
    let Some(Overlay::Told(told)) = harness.model.overlays.last() else { panic!("it was not refused") };
    assert!(told.text.join(" ").contains("names another file since this one was judged"), "{told:?}");
    harness.mean("Esc");
    harness.press("i");
    look(&mut harness, A);
    assert!(matches!(harness.model.overlays.last(), Some(Overlay::Act(_))));
    // Replaced in the store while the box is open: nobody has read the new one.
    harness.wait(61_000);
    let newer = StoredFile { uploaded: None, ..file(A) };
    harness.list_store("stock", Listing { files: vec![newer], truncated: false, orphans: None });
    harness.mean("Right Enter");
    let Some(Overlay::Act(dialog)) = harness.model.overlays.last() else { panic!("it was written") };
    assert!(dialog.problem.contains("its file is UNVERIFIED"), "{}", dialog.problem);
    assert!(harness.writes().is_empty());
}

#[test]
fn a_row_without_a_file_says_so() {
    let mut harness = at_stock();
    harness.press("G v");
    assert_eq!(notice(&harness), "the store has no file of this row");
    harness.press("2 v");
    assert!(
        notice(&harness).contains("there is no row here") || notice(&harness).contains("holds no files"),
        "{}",
        notice(&harness)
    );
}
