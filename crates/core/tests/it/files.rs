//! A catalog of files against the store that should hold them: what each row says of its file.

use std::collections::BTreeSet;

use opsdash_core::{
    catalog::{ADDED_COLUMNS, reconcile, wanted},
    contract::{ChunkCount, Listing, OrphanChunks, RawRow, StoredFile, Table, VerifyResult},
    time::Time,
    value::{Counts, Doubt, Severity, Value},
};
use opsdash_pack::pack::View;
use proptest::prelude::*;

use crate::support::{NOON, clock, shop, table};

const A: &str = "64b7f0a1c2d3e4f5a6b7c8d1";
const B: &str = "64b7f0a1c2d3e4f5a6b7c8d2";
const SUM: &str = "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7";
const OTHER: &str = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa";
const COLUMNS: [&str; 5] = ["file_id", "filename", "size", "checksum", "active"];
const HOUR_MS: i64 = 3_600_000;

/// A catalog row: its key, the file it names, the size it promises, whether it is delivered.
fn promise<'a>(key: &'a str, file: &str, size: i64, active: bool) -> (&'a str, Severity, &'a str, Vec<Value>) {
    let cells =
        vec![Value::text(file), Value::text("one.zip"), Value::Int(size), Value::text(SUM), Value::Bool(active)];
    (key, Severity::Ok, "", cells)
}

fn catalog(rows: Vec<(&str, Severity, &str, Vec<Value>)>) -> Table {
    table(&COLUMNS, rows)
}

/// 1000 bytes in chunks of 300: four of them.
fn stored(id: &str) -> StoredFile {
    StoredFile {
        stored_id: None,
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
    reconcile(&view, view.files.as_ref().unwrap(), catalog, false, listing.ok_or(Doubt::NotLoaded), clock(0))
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
fn a_file_that_agrees_and_was_never_read_is_not_known_to_be_good() {
    let (verdict, severity, why) = judged(stored(A));
    let expected = ("UNVERIFIED", Severity::Unknown, "nobody has read it to its end");
    assert_eq!((verdict.as_str(), severity, why.as_str()), expected);
}

fn read(sha256: &str) -> VerifyResult {
    VerifyResult::Sha256(sha256.into())
}

#[test]
fn what_was_read_is_ok_or_bad_by_the_catalogs_checksum() {
    let checked = |checked| judged(StoredFile { checked: Some(checked), ..stored(A) });
    assert_eq!(checked(read(SUM)), ("OK".into(), Severity::Ok, String::new()));
    let (verdict, severity, why) = checked(read(OTHER));
    assert_eq!((verdict.as_str(), severity), ("CHECKSUM_BAD", Severity::Crit));
    assert_eq!(why, "SHA-256 is fffffffffff…, the catalog says 3a6eb0790f3…");
    let how = "chunk 0 has 150 B instead of 300".to_owned();
    assert_eq!(checked(VerifyResult::Damaged(how.clone())), ("SIZE".into(), Severity::Crit, how));
}

#[test]
fn what_cannot_be_delivered_outranks_what_reading_found_and_that_outranks_a_name() {
    let short = StoredFile { length: Some(999), checked: Some(read(SUM)), ..stored(A) };
    assert_eq!(judged(short).0, "SIZE");
    let misnamed = |checked| judged(StoredFile { name: "two.zip".into(), checked: Some(checked), ..stored(A) }).0;
    assert_eq!((misnamed(read(OTHER)), misnamed(read(SUM))), ("CHECKSUM_BAD".into(), "NAME".into()));
}

/// The verdict on a file that was read, and why, under a checksum that the catalog has for it.
fn by_checksum(checksum: Value) -> (String, String) {
    let mut row = promise("r", A, 1_000, true);
    row.3[3] = checksum;
    let table =
        compare(&catalog(vec![row]), Some(&listing(vec![StoredFile { checked: Some(read(SUM)), ..stored(A) }])));
    (verdict(&table, &table.rows[0]), table.rows[0].why.to_string())
}

#[test]
fn a_checksum_is_read_in_either_case_and_with_its_name_before_it() {
    for checksum in [SUM.to_owned(), SUM.to_uppercase(), format!("sha256:{SUM}"), format!(" SHA256:{SUM} ")] {
        assert_eq!(by_checksum(Value::text(&checksum)).0, "OK", "{checksum}");
    }
}

#[test]
fn without_a_checksum_nothing_is_verified_and_that_is_said() {
    for (checksum, said) in [
        (Value::Null, "has no SHA-256"),
        (Value::text(" "), "has no SHA-256"),
        (Value::text("c0ffee"), "is no SHA-256"),
        (Value::text(&SUM[1..]), "is no SHA-256"),
        (Value::text(&format!("md5:{SUM}")), "is no SHA-256"),
    ] {
        let (verdict, why) = by_checksum(checksum.clone());
        assert!(verdict == "UNVERIFIED" && why.contains(said), "{checksum:?}: {verdict} {why}");
    }
}

#[test]
fn a_row_leads_to_its_file_and_to_what_the_catalog_promises_of_it() {
    let mut named = promise("named", &A.to_uppercase(), 1_000, true);
    named.3[3] = Value::text(&format!("SHA256:{}", SUM.to_uppercase()));
    let rows = catalog(vec![named, promise("gone", "x", 1, false)]);
    let (view, listing) = (view(), listing(vec![stored(A), StoredFile { name: "own.zip".into(), ..stored(B) }]));
    let of = |key: &str| {
        let found = wanted(view.files.as_ref().unwrap(), &rows, &listing, key)?;
        Some((found.file.id, found.name, found.promised))
    };
    assert_eq!(of("catalog:named"), Some((A.into(), "one.zip".into(), Some(SUM.into()))));
    assert_eq!(of(&format!("file:{B}")), Some((B.into(), "own.zip".into(), None)));
    for key in ["catalog:gone", "catalog:none", "chunks:x", "named", ""] {
        assert_eq!(of(key), None, "{key}");
    }
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
        ("shorter", with(|file| file.length = Some(999)), "SIZE", Severity::Crit, "999 bytes, the catalog says 1 000"),
        ("no length", with(|file| file.length = None), "SIZE", Severity::Crit, "no length"),
        ("negative", with(|file| file.length = Some(-1)), "SIZE", Severity::Crit, "-1 bytes"),
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
        (
            "chunkless store",
            with(|file| (file.chunks, file.chunk_size) = (None, None)),
            "UNVERIFIED",
            Severity::Unknown,
            "",
        ),
        ("chunks of 0 bytes", with(|file| file.chunk_size = Some(0)), "UNVERIFIED", Severity::Unknown, ""),
        ("chunks of -1 bytes", with(|file| file.chunk_size = Some(-1)), "UNVERIFIED", Severity::Unknown, ""),
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
    assert_eq!(found(&table), [("catalog:r", "UNVERIFIED".into(), Severity::Unknown)], "and the file is no orphan");
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
    let table = reconcile(&view, view.files.as_ref().unwrap(), &catalog, true, Ok(&listing), clock(0));
    assert_eq!(found(&table), [("catalog:r", "UNVERIFIED".into(), Severity::Unknown)]);
}

#[test]
fn with_the_catalog_cut_no_file_is_called_an_orphan() {
    let mut catalog = catalog(vec![promise("r", A, 1_000, true)]);
    catalog.truncated = true;
    let table = compare(&catalog, Some(&listing(vec![stored(A), stored(B)])));
    assert_eq!(found(&table), [("catalog:r", "UNVERIFIED".into(), Severity::Unknown)]);
    assert!(table.truncated);
}

#[test]
fn rows_of_the_catalog_that_were_not_loaded_are_counted_as_unknown() {
    let mut catalog = catalog(vec![promise("r", A, 1_000, true)]);
    catalog.truncated = true;
    catalog.counts = Counts { ok: 40, crit: 2, ..Counts::default() };
    let table = compare(&catalog, Some(&listing(vec![stored(A)])));
    assert_eq!(table.counts, Counts { unknown: 40, crit: 2, ..Counts::default() });
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
    let table = reconcile(&view, view.files.as_ref().unwrap(), &catalog(rows), false, Ok(&listing), clock(0));
    assert_eq!(
        found(&table).iter().map(|(_, verdict, _)| verdict.as_str()).collect::<Vec<_>>(),
        ["MISSING_FILE", "UNVERIFIED"]
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
            stored_id: None,
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
