//! A catalog of files against the store that should hold them: what each row says of its file.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeSet;

use opsdash_core::{
    files::{ADDED_COLUMNS, Checked, ChunkCount, Listing, OrphanChunks, StoredFile, reconcile, wanted},
    pack::View,
    read::{RawRow, Table},
    time::Time,
    value::{Counts, Severity, Value},
};
use proptest::prelude::*;
use support::{NOON, clock, shop, table};

const A: &str = "64b7f0a1c2d3e4f5a6b7c8d1";
const B: &str = "64b7f0a1c2d3e4f5a6b7c8d2";
const COLUMNS: [&str; 5] = ["file_id", "filename", "size", "checksum", "active"];
const HOUR_MS: i64 = 3_600_000;

/// A catalog row: its key, the file it names, the size it promises, whether it is delivered.
fn promise<'a>(key: &'a str, file: &str, size: i64, active: bool) -> (&'a str, Severity, &'a str, Vec<Value>) {
    let cells =
        vec![Value::text(file), Value::text("one.zip"), Value::Int(size), Value::text("c0ffee"), Value::Bool(active)];
    (key, Severity::Ok, "", cells)
}

fn catalog(rows: Vec<(&str, Severity, &str, Vec<Value>)>) -> Table {
    table(&COLUMNS, rows)
}

/// 1000 bytes in chunks of 300: four of them.
fn stored(id: &str) -> StoredFile {
    StoredFile {
        id: id.into(),
        name: "one.zip".into(),
        length: Some(1_000),
        chunk_size: Some(300),
        uploaded: Some(Time(NOON)),
        chunks: Some(ChunkCount { found: 4, last: 3 }),
        metadata: None,
        checked: None,
    }
}

fn listing(files: Vec<StoredFile>) -> Listing {
    Listing { files, truncated: false, orphans: Some(Vec::new()) }
}

fn view() -> View {
    let pack = shop();
    pack.view(pack.find("stock").unwrap()).clone()
}

fn compare(catalog: &Table, listing: Option<&Listing>) -> Table {
    let view = view();
    reconcile(&view, view.files.as_ref().unwrap(), catalog, false, listing, clock(0))
}

fn verdict(table: &Table, row: &RawRow) -> String {
    let at = table.columns.iter().position(|name| name == "verdict").unwrap();
    row.cells[at].as_text().unwrap().to_owned()
}

/// Key, verdict and severity of every row.
fn found(table: &Table) -> Vec<(&str, String, Severity)> {
    table.rows.iter().map(|row| (row.key.as_str(), verdict(table, row), row.severity)).collect()
}

/// The verdict on one active catalog row of 1000 bytes that names file A.
fn judged(file: StoredFile) -> (String, Severity, String) {
    let table = compare(&catalog(vec![promise("r", A, 1_000, true)]), Some(&listing(vec![file])));
    let row = &table.rows[0];
    (verdict(&table, row), row.severity, row.why.to_string())
}

#[test]
fn a_file_that_agrees_is_unverified_and_ok() {
    let (verdict, severity, why) = judged(stored(A));
    assert_eq!((verdict.as_str(), severity, why.as_str()), ("UNVERIFIED", Severity::Ok, ""));
}

/// The verdict on a row whose catalog promises this checksum, after the bytes were found to be so.
fn read_as(promised: Value, checked: Checked) -> (String, Severity, String) {
    let mut promise = promise("r", A, 1_000, true);
    promise.3[3] = promised;
    let file = StoredFile { checked: Some(checked), ..stored(A) };
    let table = compare(&catalog(vec![promise]), Some(&listing(vec![file])));
    let row = &table.rows[0];
    (verdict(&table, row), row.severity, row.why.to_string())
}

#[test]
fn bytes_that_were_read_are_ok_or_bad_as_the_catalog_promises() {
    let read = |hex: &str| Checked::Sha256(hex.into());
    for promised in ["c0ffee", "C0FFEE", " sha256:c0ffee", "SHA-256: C0ffee "] {
        let (verdict, severity, why) = read_as(Value::text(promised), read("c0ffee"));
        assert_eq!((verdict.as_str(), severity, why.as_str()), ("OK", Severity::Ok, ""), "{promised}");
    }
    let (verdict, severity, why) = read_as(Value::text("c0ffee"), read("bad0"));
    assert_eq!((verdict.as_str(), severity), ("CHECKSUM_BAD", Severity::Crit));
    assert_eq!(why, "SHA-256 is bad0, the catalog says c0ffee");
    let (verdict, severity, why) = read_as(Value::text("c0ffee"), Checked::Damaged("chunk 2 is short".into()));
    assert_eq!((verdict.as_str(), severity, why.as_str()), ("CHECKSUM_BAD", Severity::Crit, "chunk 2 is short"));
    for absent in [Value::Null, Value::text(""), Value::text("  ")] {
        let (verdict, severity, why) = read_as(absent, read("c0ffee"));
        assert_eq!((verdict.as_str(), severity), ("UNVERIFIED", Severity::Ok));
        assert_eq!(why, "the catalog has no SHA-256 to compare with");
    }
}

#[test]
fn what_is_wrong_without_reading_is_told_before_what_was_read() {
    let file = StoredFile { length: Some(999), checked: Some(Checked::Sha256("c0ffee".into())), ..stored(A) };
    assert_eq!(judged(file).0, "SIZE");
}

#[test]
fn the_file_of_a_row_is_found_with_its_name_and_what_is_promised() {
    let pack_view = view();
    let files = pack_view.files.as_ref().unwrap();
    let catalog = catalog(vec![promise("r", &A.to_uppercase(), 1_000, true), promise("gone", B, 1, true)]);
    let listing = listing(vec![stored(A), stored("64b7f0a1c2d3e4f5a6b7c8ff")]);
    let of = |key: &str| wanted(files, &catalog, &listing, key);
    let found = of("catalog:r").unwrap();
    assert_eq!(
        (found.file.id.as_str(), found.name.as_str(), found.promised.as_deref()),
        (A, "one.zip", Some("c0ffee"))
    );
    let orphan = of("file:64b7f0a1c2d3e4f5a6b7c8ff").unwrap();
    assert_eq!((orphan.name.as_str(), orphan.promised), ("one.zip", None));
    assert!(
        ["catalog:gone", "chunks:64b7f0a1c2d3e4f5a6b7c8ff", "file:none", "r", ""].iter().all(|key| of(key).is_none())
    );
}

#[test]
fn every_difference_has_its_verdict_and_says_why() {
    let with = |change: fn(&mut StoredFile)| {
        let mut file = stored(A);
        change(&mut file);
        judged(file)
    };
    let chunks = |found, last| Some(ChunkCount { found, last });
    for (name, (verdict, severity, why), expected, level, said) in [
        ("shorter", with(|file| file.length = Some(999)), "SIZE", Severity::Crit, "999 B, catalog says 1000 B"),
        ("no length", with(|file| file.length = None), "SIZE", Severity::Crit, "no length"),
        ("negative", with(|file| file.length = Some(-1)), "SIZE", Severity::Crit, "-1 B"),
        (
            "gap",
            with(|file| file.chunks = Some(ChunkCount { found: 2, last: 3 })),
            "CHUNK_GAP",
            Severity::Crit,
            "2 of 4",
        ),
        (
            "none",
            with(|file| file.chunks = Some(ChunkCount { found: 0, last: -1 })),
            "CHUNK_GAP",
            Severity::Crit,
            "4 of 4",
        ),
        (
            "extra",
            with(|file| file.chunks = Some(ChunkCount { found: 5, last: 4 })),
            "EXTRA_CHUNKS",
            Severity::Crit,
            "5 chunks",
        ),
        ("name", with(|file| file.name = "two.zip".into()), "NAME", Severity::Warn, "two.zip"),
        ("no name", with(|file| file.name.clear()), "NAME", Severity::Warn, "named"),
        ("chunkless store", with(|file| (file.chunks, file.chunk_size) = (None, None)), "UNVERIFIED", Severity::Ok, ""),
        ("chunks of 0 bytes", with(|file| file.chunk_size = Some(0)), "UNVERIFIED", Severity::Ok, ""),
        ("chunks of -1 bytes", with(|file| file.chunk_size = Some(-1)), "UNVERIFIED", Severity::Ok, ""),
    ] {
        assert_eq!((verdict.as_str(), severity), (expected, level), "{name}");
        assert!(why.contains(said), "{name}: {why}");
    }
    // As many as the length needs, but one of them lies beyond it: another one is missing.
    let mut file = stored(A);
    file.chunks = chunks(4, 7);
    let (verdict, _, why) = judged(file);
    assert_eq!(verdict, "CHUNK_GAP", "{why}");
}

#[test]
fn an_empty_file_needs_no_chunk() {
    let empty = |found, last| StoredFile { length: Some(0), chunks: Some(ChunkCount { found, last }), ..stored(A) };
    let verdict_of = |file| {
        let table = compare(&catalog(vec![promise("r", A, 0, true)]), Some(&listing(vec![file])));
        verdict(&table, &table.rows[0])
    };
    assert_eq!(verdict_of(empty(0, -1)), "UNVERIFIED");
    assert_eq!(verdict_of(empty(1, 0)), "EXTRA_CHUNKS");
}

#[test]
fn a_file_that_is_not_there_is_missing_unless_the_listing_was_cut() {
    let catalog = catalog(vec![promise("r", A, 1_000, true)]);
    let table = compare(&catalog, Some(&listing(vec![])));
    assert_eq!(found(&table), [("catalog:r", "MISSING_FILE".into(), Severity::Crit)]);
    let cut = Listing { truncated: true, ..listing(vec![]) };
    assert_eq!(found(&compare(&catalog, Some(&cut))), [("catalog:r", "UNKNOWN".into(), Severity::Unknown)]);
}

#[test]
fn an_id_that_cannot_be_one_is_bad_not_missing() {
    for id in ["", "not-an-id", "64b7f0a1c2d3e4f5a6b7c8d", "64b7f0a1c2d3e4f5a6b7c8dz", "日本語日本語日本"] {
        let table = compare(&catalog(vec![promise("r", id, 1, true)]), Some(&listing(vec![])));
        assert_eq!(found(&table), [("catalog:r", "BAD_ID".into(), Severity::Crit)], "{id}");
    }
    let mut null = promise("r", "", 1, true);
    null.3[0] = Value::Null;
    assert_eq!(found(&compare(&catalog(vec![null]), Some(&listing(vec![]))))[0].1, "BAD_ID");
}

#[test]
fn an_id_in_upper_case_names_the_same_file() {
    let table = compare(&catalog(vec![promise("r", &A.to_uppercase(), 1_000, true)]), Some(&listing(vec![stored(A)])));
    assert_eq!(found(&table), [("catalog:r", "UNVERIFIED".into(), Severity::Ok)], "and the file is no orphan");
}

#[test]
fn two_rows_that_name_one_file_both_say_so() {
    let rows = vec![promise("r", A, 1_000, true), promise("s", &A.to_uppercase(), 1_000, true)];
    let table = compare(&catalog(rows), Some(&listing(vec![stored(A)])));
    let expected = [("catalog:r", "DUP_REF".into(), Severity::Warn), ("catalog:s", "DUP_REF".into(), Severity::Warn)];
    assert_eq!(found(&table), expected);
}

#[test]
fn two_rows_without_an_id_do_not_name_one_file() {
    let table = compare(&catalog(vec![promise("r", "", 1, false), promise("s", "", 1, false)]), Some(&listing(vec![])));
    assert!(found(&table).iter().all(|(_, verdict, _)| verdict == "BAD_ID"));
}

#[test]
fn what_is_not_delivered_is_crit_only_while_it_is_active() {
    let rows = |active| {
        let rows =
            vec![promise("missing", A, 1_000, active), promise("bad", "x", 1, active), promise("size", B, 9, active)];
        compare(&catalog(rows), Some(&listing(vec![stored(B)])))
    };
    assert_eq!(rows(true).counts, Counts { crit: 3, ..Counts::default() });
    assert_eq!(rows(false).counts, Counts { warn: 3, ..Counts::default() });
}

#[test]
fn what_only_the_store_has_is_an_orphan() {
    let table = compare(&catalog(vec![]), Some(&listing(vec![stored(A)])));
    assert_eq!(found(&table), [(&*format!("file:{A}"), "ORPHAN_FILE".into(), Severity::Warn)]);
    let row = &table.rows[0];
    let cell = |name: &str| &row.cells[table.columns.iter().position(|known| known == name).unwrap()];
    assert_eq!((cell("file_id"), cell("file_length")), (&Value::text(A), &Value::Int(1_000)));
    assert_eq!(cell("size"), &Value::Null, "the catalog promises nothing");
}

#[test]
fn with_the_catalog_searched_nothing_is_called_an_orphan() {
    let (view, catalog) = (view(), catalog(vec![promise("r", A, 1_000, true)]));
    let orphans = vec![OrphanChunks { id: "old".into(), chunks: 7, since: None }];
    let listing = Listing { orphans: Some(orphans), ..listing(vec![stored(A), stored(B)]) };
    let table = reconcile(&view, view.files.as_ref().unwrap(), &catalog, true, Some(&listing), clock(0));
    assert_eq!(found(&table), [("catalog:r", "UNVERIFIED".into(), Severity::Ok)]);
}

#[test]
fn with_the_catalog_cut_no_file_is_called_an_orphan() {
    let mut catalog = catalog(vec![promise("r", A, 1_000, true)]);
    catalog.truncated = true;
    let table = compare(&catalog, Some(&listing(vec![stored(A), stored(B)])));
    assert_eq!(found(&table), [("catalog:r", "UNVERIFIED".into(), Severity::Ok)]);
    assert!(table.truncated);
}

#[test]
fn rows_of_the_catalog_that_were_not_loaded_are_counted_as_unknown() {
    let mut catalog = catalog(vec![promise("r", A, 1_000, true)]);
    catalog.truncated = true;
    catalog.counts = Counts { ok: 40, crit: 2, ..Counts::default() };
    let table = compare(&catalog, Some(&listing(vec![stored(A)])));
    assert_eq!(table.counts, Counts { ok: 1, unknown: 39, crit: 2, ..Counts::default() });
}

#[test]
fn chunks_without_a_file_are_orphans_after_an_hour_because_an_upload_writes_them_first() {
    let orphan = |id: &str, since: Option<i64>| OrphanChunks {
        id: id.into(),
        chunks: 7,
        since: since.map(|ms| Time(NOON).plus_ms(ms)),
    };
    let orphans = vec![
        orphan("old", Some(-HOUR_MS - 1)),
        orphan("young", Some(-HOUR_MS)),
        orphan("ahead", Some(HOUR_MS)),
        orphan("undated", None),
    ];
    let listing = Listing { orphans: Some(orphans), ..Listing::default() };
    let table = compare(&catalog(vec![]), Some(&listing));
    let expected = [
        ("chunks:old", "ORPHAN_CHUNKS".into(), Severity::Warn),
        ("chunks:undated", "ORPHAN_CHUNKS".into(), Severity::Warn),
    ];
    assert_eq!(found(&table), expected);
}

#[test]
fn without_an_answer_of_the_store_the_catalog_stays_and_nothing_is_known() {
    let table = compare(&catalog(vec![promise("r", A, 1_000, true), promise("bad", "x", 1, true)]), None);
    let expected =
        [("catalog:r", "UNKNOWN".into(), Severity::Unknown), ("catalog:bad", "UNKNOWN".into(), Severity::Unknown)];
    assert_eq!(found(&table), expected);
    assert_eq!(table.counts, Counts { unknown: 2, ..Counts::default() });
}

#[test]
fn a_row_keeps_its_own_reason_where_that_is_the_worse() {
    let mut row = promise("r", A, 1_000, true);
    (row.1, row.2) = (Severity::Crit, "withdrawn");
    let file = StoredFile { name: "two.zip".into(), ..stored(A) };
    let table = compare(&catalog(vec![row]), Some(&listing(vec![file])));
    assert_eq!((table.rows[0].severity, &*table.rows[0].why), (Severity::Crit, "withdrawn"));
}

#[test]
fn rows_come_worst_first_and_the_limit_is_said() {
    let mut view = view();
    view.limit = 2;
    let rows = vec![promise("ok", A, 1_000, true), promise("gone", B, 1, true)];
    let listing = listing(vec![stored(A), stored("64b7f0a1c2d3e4f5a6b7c8d3")]);
    let table = reconcile(&view, view.files.as_ref().unwrap(), &catalog(rows), false, Some(&listing), clock(0));
    assert_eq!(
        found(&table).iter().map(|(_, verdict, _)| verdict.as_str()).collect::<Vec<_>>(),
        ["MISSING_FILE", "ORPHAN_FILE"]
    );
    assert!(table.truncated);
    assert_eq!(table.counts.total(), 3);
}

fn any_file() -> impl Strategy<Value = StoredFile> {
    let id = prop_oneof!["[0-9a-f]{24}", Just(A.to_owned()), Just(B.to_owned()), any::<String>()];
    let number = prop_oneof![Just(None), Just(Some(0)), any::<i64>().prop_map(Some), (0_i64..2_000).prop_map(Some)];
    let chunks = proptest::option::of((any::<i64>(), any::<i64>()));
    (id, any::<String>(), number.clone(), number, chunks).prop_map(|(id, name, length, chunk_size, chunks)| {
        StoredFile {
            id,
            name,
            length,
            chunk_size,
            uploaded: None,
            chunks: chunks.map(|(found, last)| ChunkCount { found, last }),
            metadata: None,
            checked: None,
        }
    })
}

fn any_promise() -> impl Strategy<Value = Vec<Value>> {
    let text = prop_oneof![Just(A.to_owned()), Just(A.to_uppercase()), Just(B.to_owned()), any::<String>()];
    let id = prop_oneof![Just(Value::Null), text.prop_map(|text| Value::text(&text))];
    let size = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::Int),
        Just(Value::Int(1_000)),
        Just(Value::Float(1e300))
    ];
    let active = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::Bool)];
    (id, any::<String>(), size, active)
        .prop_map(|(id, name, size, active)| vec![id, Value::text(&name), size, Value::Null, active])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever both sides hold: no row is lost or told twice, what is counted is what is there.
    #[test]
    fn every_catalog_row_appears_exactly_once(
        promises in proptest::collection::vec(any_promise(), 0..12),
        files in proptest::option::of(proptest::collection::vec(any_file(), 0..12)),
        cut in any::<bool>(),
    ) {
        let keys: Vec<String> = (0..promises.len()).map(|at| at.to_string()).collect();
        let rows = keys.iter().zip(promises).map(|(key, cells)| (key.as_str(), Severity::Ok, "", cells)).collect();
        let listing = files.map(|files| Listing { files, truncated: cut, orphans: None });
        let table = compare(&catalog(rows), listing.as_ref());
        let expected: BTreeSet<String> = keys.iter().map(|key| format!("catalog:{key}")).collect();
        let told: Vec<&str> = table.rows.iter().map(|row| row.key.as_str()).filter(|key| key.starts_with("catalog:")).collect();
        prop_assert_eq!(told.len(), expected.len());
        prop_assert!(told.iter().all(|key| expected.contains(*key)));
        let mut counts = Counts::default();
        for row in &table.rows {
            counts.add(row.severity, 1);
            prop_assert_eq!(row.cells.len(), COLUMNS.len() + ADDED_COLUMNS.len());
            prop_assert!(listing.is_some() || row.severity == Severity::Unknown);
        }
        prop_assert_eq!(counts, table.counts);
    }
}
