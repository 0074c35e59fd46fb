//! The detail of a row whose file a store has: what the store says of it, and which of its chunks are there.

use opsdash_core::{
    contract::{ChunkCount, FailureKind, Listing, Part, Question, StoredFile, VerifyResult},
    time::Time,
    value::{Severity, Value},
    view::detail,
};

use crate::support::{Harness, NOON, plain, table};

const A: &str = "64b7f0a1c2d3e4f5a6b7c8d1";
const B: &str = "64b7f0a1c2d3e4f5a6b7c8d2";

/// So many chunks of 4 bytes are needed.
fn file(id: &str, chunks: i64) -> StoredFile {
    StoredFile {
        stored_id: None,
        id: id.into(),
        name: "a.csv".into(),
        length: Some(chunks * 4),
        chunk_size: Some(4),
        uploaded: Some(Time(NOON)),
        chunks: Some(ChunkCount { found: chunks, last: chunks - 1 }),
        metadata: Some(serde_json::json!({ "by": { "name": "release" } })),
        checked: None,
    }
}

/// With the detail of the one row of the catalog open, and what the store has.
fn at_detail(file: StoredFile) -> Harness {
    let mut harness = Harness::new();
    harness.press("4");
    let cells = vec![Value::text(A), Value::text("a.csv"), Value::Null, Value::Null, Value::Bool(true)];
    let columns = ["file_id", "filename", "size", "checksum", "active"];
    harness.answer("stock", Part::List, table(&columns, vec![("1", Severity::Ok, "", cells)]));
    harness.list_store("stock", Listing { files: vec![file], truncated: false, orphans: Some(Vec::new()) });
    harness.press("Enter");
    harness.wait(1);
    harness
}

fn said(harness: &Harness) -> String {
    // As one text, wherever it was wrapped.
    plain(&detail::lines(&harness.model)).iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// Answers which parts are there.
fn answer(harness: &mut Harness, parts: &[(i64, i64)]) {
    let row = |(part, found): &(i64, i64)| ("", Severity::Ok, "", vec![Value::Int(*part), Value::Int(*found)]);
    harness.answer("stock", Part::Chunks, table(&["part", "found"], parts.iter().map(row).collect()));
}

#[test]
fn what_the_store_says_stands_beside_the_catalog() {
    let sha256 = "ab".repeat(32);
    let read = StoredFile { checked: Some(VerifyResult::Sha256(sha256.clone())), ..file(A, 3) };
    let harness = at_detail(read);
    let said = said(&harness);
    for part in ["In the store", A, "12 B", "4 B", "\"by\": {", "\"name\": \"release\""] {
        assert!(said.contains(part), "no {part} in\n{said}");
    }
    assert!(said.replace(' ', "").contains(&sha256), "{said}");
    let damaged =
        StoredFile { checked: Some(VerifyResult::Damaged("chunk 1 has 2 B instead of 4".into())), ..file(A, 3) };
    assert!(self::said(&at_detail(damaged)).contains("chunk 1 has 2 B instead of 4"));
    assert!(self::said(&at_detail(file(A, 3))).contains("not read yet"));
}

#[test]
fn a_map_shows_which_chunks_are_there() {
    let mut harness = at_detail(file(A, 3));
    let read = harness.take("stock", Part::Chunks);
    assert_eq!(
        read.question,
        Question::Chunks { bucket: "lists".into(), file: A.into(), expected: 3, width: 1 },
        "it goes to the store"
    );
    assert!(said(&harness).contains("asking"));
    harness.asked.push(read);
    answer(&mut harness, &[(0, 1), (2, 1), (-1, 2)]);
    let said = said(&harness);
    assert!(said.contains("█·█"), "{said}");
    assert!(said.contains("2 of 3 are there; missing among 1; 2 beyond the length"), "{said}");
}

#[test]
fn many_chunks_are_drawn_in_parts() {
    let mut harness = at_detail(file(A, 121));
    // Three chunks a part, one in the last.
    let whole: Vec<(i64, i64)> = (0..41).map(|part| (part, if part < 40 { 3 } else { 1 })).collect();
    answer(&mut harness, &whole);
    let full = said(&harness);
    assert!(full.contains(&"█".repeat(41)) && full.contains("121 of 121 are there"), "{full}");
    let mut harness = at_detail(file(A, 121));
    let mut holed = whole;
    holed[1].1 = 1;
    holed.pop();
    answer(&mut harness, &holed);
    let said = said(&harness);
    assert!(said.contains("█▒█") && said.contains("█·") && said.contains("missing among 3 to 5, 120"), "{said}");
}

#[test]
fn of_a_file_without_chunks_or_a_row_without_a_file_nothing_is_asked() {
    let folder = StoredFile { chunks: None, chunk_size: None, ..file(A, 3) };
    for other in [folder, file(B, 3), file(A, 0)] {
        let is_stored = other.id == A;
        let harness = at_detail(other);
        assert!(!harness.has_asked("stock", Part::Chunks));
        let said = said(&harness);
        assert!(!said.contains("Chunks") && said.contains("In the store") == is_stored, "{said}");
    }
}

#[test]
fn a_map_that_cannot_be_had_leaves_the_rest() {
    let mut harness = at_detail(file(A, 3));
    harness.fail("stock", Part::Chunks, FailureKind::Timeout);
    let said = said(&harness);
    assert!(said.contains("it did not answer") && said.contains("In the store"), "{said}");
}
