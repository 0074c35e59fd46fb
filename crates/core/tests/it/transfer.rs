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

use crate::support::{Desk, FLOORS, NOON, handing_shop, notice, plain, shop, table};

const SUM: &str = "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7";
const A: &str = "64b7f0a1c2d3e4f5a6b7c8d1";
const B: &str = "64b7f0a1c2d3e4f5a6b7c8d2";

fn file(id: &str) -> StoredFile {
    StoredFile {
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
fn at_stock() -> Desk {
    at_stock_of(&shop())
}

fn at_stock_of(pack: &Arc<Pack>) -> Desk {
    let mut desk = Desk::of(pack, &FLOORS, (120, 30));
    desk.press("4");
    let row = |key: &'static str, id: &str, active| {
        let name = format!("{}.csv", &id[22..]);
        let cells =
            vec![Value::text(id), Value::text(&name), Value::Int(1_000_000), Value::text(SUM), Value::Bool(active)];
        (key, Severity::Ok, "", cells)
    };
    let rows = vec![row("1", A, true), row("2", B, false), row("3", "64b7f0a1c2d3e4f5a6b7c8d3", false)];
    desk.answer("stock", Part::List, table(&["file_id", "filename", "size", "checksum", "active"], rows));
    desk.list_store("stock", Listing { files: vec![file(A), file(B)], truncated: false, orphans: Some(Vec::new()) });
    desk
}

fn reading(desk: &Desk) -> (Ticket, Vec<String>) {
    let found = desk.other.iter().rev().find_map(|effect| match effect {
        Effect::Verify { ticket, files, .. } => Some((*ticket, files.iter().map(|file| file.id.clone()).collect())),
        _ => None,
    });
    found.expect("something is read")
}

fn fetching(desk: &Desk) -> (Ticket, FetchRequest) {
    let found = desk.other.iter().rev().find_map(|effect| match effect {
        Effect::Fetch { ticket, file, .. } => Some((*ticket, (**file).clone())),
        _ => None,
    });
    found.expect("something is fetched")
}

fn verdicts(desk: &Desk) -> Vec<(String, String)> {
    let rows = &desk.panel("stock").list_snapshot().expect("rows").rows;
    let verdict = |row: &opsdash_core::model::Row| row.cells[0].as_text().unwrap_or_default().to_owned();
    rows.iter().map(|row| (row.key.as_str().to_owned(), verdict(row))).collect()
}

fn footer_of(desk: &Desk) -> String {
    plain(&[footer::line(&desk.model)]).concat()
}

fn verify(desk: &mut Desk, ticket: Ticket, id: &str, sha256: &str) {
    desk.tell(Msg::Verified { ticket, id: id.into(), checked: VerifyResult::Sha256(sha256.into()) });
}

#[test]
fn every_file_is_read_once_and_judged_as_it_is_done() {
    let mut desk = at_stock();
    desk.press("V");
    let (ticket, ids) = reading(&desk);
    assert_eq!(ids, [A, B]);
    verify(&mut desk, ticket, A, SUM);
    assert!(verdicts(&desk).contains(&("catalog:1".into(), "OK".into())));
    assert!(verdicts(&desk).contains(&("catalog:2".into(), "UNVERIFIED".into())));
    verify(&mut desk, ticket, B, "bad");
    assert!(verdicts(&desk).contains(&("catalog:2".into(), "CHECKSUM_BAD".into())));
    desk.tell(Msg::Transferred { ticket, result: Ok(String::new()) });
    assert_eq!(notice(&desk), "1 of 2 files are not as the catalog promises");
    desk.press("V");
    assert!(notice(&desk).contains("every file was read already"), "{}", notice(&desk));
}

#[test]
fn a_damaged_file_is_bad_whatever_its_verdict() {
    let mut desk = at_stock();
    desk.press("V");
    let (ticket, _) = reading(&desk);
    let checked = VerifyResult::Damaged("chunk 1 of 4 is missing".into());
    desk.tell(Msg::Verified { ticket, id: A.into(), checked });
    desk.tell(Msg::Transferred { ticket, result: Ok(String::new()) });
    assert_eq!(notice(&desk), "1 of 2 files are not as the catalog promises");
}

#[test]
fn esc_closes_what_lies_over_the_list_before_it_stops() {
    let mut desk = at_stock();
    desk.press("V G Enter Esc");
    let (ticket, _) = reading(&desk);
    assert!(!desk.cancelled.contains(&ticket) && desk.model.transfer.is_some());
    desk.press("Esc");
    assert!(desk.cancelled.contains(&ticket));
}

#[test]
fn a_file_that_is_handed_out_and_turns_out_bad_rings() {
    let mut desk = at_stock();
    desk.press("V");
    let (ticket, _) = reading(&desk);
    desk.other.clear();
    verify(&mut desk, ticket, A, "bad");
    assert!(desk.other.contains(&Effect::Bell));
}

#[test]
fn progress_and_what_is_left_stand_below_and_in_short_above() {
    let mut desk = at_stock();
    desk.press("V");
    let (ticket, _) = reading(&desk);
    desk.wait(1_000);
    desk.tell(Msg::Moving { ticket, bytes: 500_000 });
    let below = footer_of(&desk);
    assert!(
        below.contains("verifying 1 of 2  25 %") && below.contains("3s left") && below.contains("Esc stop"),
        "{below}"
    );
    desk.press("2");
    assert!(plain(&[header::line(&desk.model)]).concat().contains("verifying 25 %"));
    desk.press("Esc 2");
    assert!(desk.cancelled.is_empty(), "Esc elsewhere stops nothing");
}

#[test]
fn esc_stops_what_is_read_and_what_was_read_before_stays() {
    let mut desk = at_stock();
    desk.press("V");
    let (ticket, _) = reading(&desk);
    verify(&mut desk, ticket, A, SUM);
    desk.press("Esc");
    assert_eq!(desk.cancelled, [ticket]);
    assert_eq!(notice(&desk), "stopped; 1 of 2 were read and are kept");
    verify(&mut desk, ticket, B, SUM);
    assert!(verdicts(&desk).contains(&("catalog:2".into(), "UNVERIFIED".into())), "a late answer is dropped");
    desk.press("V");
    assert_eq!(reading(&desk).1, [B]);
}

#[test]
fn a_store_that_goes_away_is_told_and_can_be_tried_again() {
    let mut desk = at_stock();
    desk.press("V");
    let (ticket, _) = reading(&desk);
    let why = Failure::new(FailureKind::Unreachable, "the store is away");
    desk.tell(Msg::Transferred { ticket, result: Err(why) });
    assert!(
        notice(&desk).contains("0 of 2 read, their results are kept: unreachable: the store is away; try again"),
        "{}",
        notice(&desk)
    );
    desk.press("V");
    assert_ne!(reading(&desk).0, ticket);
}

#[test]
fn one_is_read_at_a_time() {
    let mut desk = at_stock();
    desk.press("V v");
    assert_eq!(notice(&desk), "a file is being read already; Esc in its list stops it");
    desk.press("d");
    assert_eq!(notice(&desk), "a file is being read already; Esc in its list stops it");
}

#[test]
fn marked_files_are_verified_together_and_one_alone_is_fetched() {
    let mut desk = at_stock();
    desk.press("g g Space Space Space");
    desk.press("d");
    assert_eq!(notice(&desk), "one file at a time is fetched; Esc unmarks");
    desk.press("v");
    assert_eq!(reading(&desk).1.len(), 2, "the third one is missing");
    assert!(desk.panel("stock").list.marks.is_empty());
    let mut desk = at_stock();
    desk.press("G k d");
    let (ticket, wanted) = fetching(&desk);
    assert_eq!(wanted.promised.as_deref(), Some(SUM));
    desk.tell(Msg::Transferred { ticket, result: Ok("here".into()) });
    assert_eq!(notice(&desk), "here");
}

/// What a look returns of the first row, naming this file.
fn look(desk: &mut Desk, id: &str) {
    let (ticket, _) = desk.preview();
    let text = |name: &str, text: &str| (name.to_owned(), Some(text.to_owned()));
    let record = TextRow(vec![text("key", "1"), text("row", "catalog:1"), text("file_id", id), text("checksum", SUM)]);
    desk.tell(Msg::Previewed { ticket, result: Ok(vec![record]) });
    desk.wait(200);
}

#[test]
fn a_file_is_handed_out_only_while_it_is_as_it_was_verified() {
    let mut desk = at_stock_of(&handing_shop());
    desk.press("i");
    assert!(notice(&desk).contains("Hand out is off: its file is UNVERIFIED"), "{}", notice(&desk));
    desk.press("v");
    let (ticket, _) = reading(&desk);
    verify(&mut desk, ticket, A, SUM);
    desk.tell(Msg::Transferred { ticket, result: Ok(String::new()) });
    desk.press("i");
    look(&mut desk, B);
    let Some(Overlay::Told(told)) = desk.model.overlays.last() else { panic!("it was not refused") };
    assert!(told.text.join(" ").contains("names another file since this one was judged"), "{told:?}");
    desk.mean("Esc");
    desk.press("i");
    look(&mut desk, A);
    assert!(matches!(desk.model.overlays.last(), Some(Overlay::Act(_))));
    // Replaced in the store while the box is open: nobody has read the new one.
    desk.wait(61_000);
    let newer = StoredFile { uploaded: None, ..file(A) };
    desk.list_store("stock", Listing { files: vec![newer], truncated: false, orphans: None });
    desk.mean("Right Enter");
    let Some(Overlay::Act(dialog)) = desk.model.overlays.last() else { panic!("it was written") };
    assert!(dialog.problem.contains("its file is UNVERIFIED"), "{}", dialog.problem);
    assert!(desk.writes().is_empty());
}

#[test]
fn a_row_without_a_file_says_so() {
    let mut desk = at_stock();
    desk.press("g g v");
    assert_eq!(notice(&desk), "the store has no file of this row");
    desk.press("2 v");
    assert!(
        notice(&desk).contains("there is no row here") || notice(&desk).contains("holds no files"),
        "{}",
        notice(&desk)
    );
}
