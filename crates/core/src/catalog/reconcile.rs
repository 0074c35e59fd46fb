//! A catalog of files held against the store that should hold them.

use std::collections::{BTreeMap, BTreeSet};

use opsdash_pack::pack::{FilesView, VERDICT, View};

use super::{FetchRequest, FileVerdict};
use crate::{
    contract::{Listing, OrphanChunks, RawRow, StoredFile, Table, VerifyResult},
    format::thousands,
    text,
    time::Clock,
    value::{ArcStr, Counts, Doubt, NotKnown, ReasonCounts, ReasonIds, RowKey, Severity, Value},
};

/// Chunks without a file are no orphans before this age, in ms: an upload writes its chunks first.
const UPLOAD_GRACE_MS: i64 = 3_600_000;

/// Columns that reconciling adds to the catalog's, in this order.
pub const ADDED_COLUMNS: [&str; 6] =
    [VERDICT, "file_name", "file_length", "chunks_found", "chunks_expected", "uploaded"];

/// Stands before the catalog's own key in the key of a row.
pub const CATALOG_PREFIX: &str = "catalog:";
/// Stands before the id of a file that only the store has.
const FILE_PREFIX: &str = "file:";

struct Mismatch {
    verdict: FileVerdict,
    why: String,
    /// Why the verdict is unknown; `None` for any other.
    doubt: Option<Doubt>,
}

/// Both sides outer-joined: every catalog row, then what only the store has; worst first. Without a listing the
/// catalog rows stay and their verdict is unknown, for the reason that stands in its place. Keys are `catalog:<key>`, `file:<id>` and `chunks:<id>`.
///
/// `narrowed` says that the catalog was searched: what it does not name may well be named by rows that were not asked
/// for, so nothing is called an orphan.
#[must_use]
pub fn reconcile(
    view: &View,
    files: &FilesView,
    catalog: &Table,
    narrowed: bool,
    listing: Result<&Listing, Doubt>,
    clock: Clock,
) -> Table {
    let columns: Vec<String> =
        catalog.columns.iter().cloned().chain(ADDED_COLUMNS.iter().map(ToString::to_string)).collect();
    let places = CatalogColumns::of(files, catalog);
    let stored: BTreeMap<&str, &StoredFile> =
        listing.iter().flat_map(|listing| &listing.files).map(|file| (file.id.as_str(), file)).collect();
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    for row in &catalog.rows {
        *named.entry(places.id_of(row)).or_default() += 1;
    }
    let mut rows: Vec<RawRow> = catalog
        .rows
        .iter()
        .map(|row| {
            let id = places.id_of(row);
            let file = stored.get(id.as_str()).copied();
            let finding = judge(&places, row, &id, file, listing, named.get(&id).copied().unwrap_or(0));
            places.catalog_row(row, file, &finding)
        })
        .collect();
    if let Some(listing) = listing.ok().filter(|_| !narrowed) {
        let known: BTreeSet<&str> = named.keys().map(String::as_str).collect();
        let lonely = listing.files.iter().filter(|file| !catalog.truncated && !known.contains(file.id.as_str()));
        rows.extend(lonely.map(|file| places.orphan_file(file)));
        let orphans = listing.orphans.iter().flatten();
        rows.extend(orphans.filter(|chunks| is_settled(chunks, clock)).map(|chunks| places.orphan_chunks(chunks)));
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.severity));
    let (mut counts, mut reasons) = beyond(catalog);
    for row in &rows {
        counts.add(row.severity, 1);
        let doubt = row.doubt.as_ref().filter(|_| row.severity == Severity::Unknown);
        let reason = doubt.map(|not_known| not_known.doubt.word()).or(row.reasons.first().map(|id| &**id));
        if let Some(id) = reason {
            reasons.add(row.severity, id, 1);
        }
    }
    rows.truncate(view.limit as usize);
    Table { truncated: catalog.truncated || counts.total() > rows.len() as u64, columns, rows, counts, reasons }
}

/// The stored file of a row of the reconciled view, with what the catalog says of it; `None` where there is none: chunks
/// without a file, a file that is missing.
#[must_use]
pub fn wanted(files: &FilesView, catalog: &Table, listing: &Listing, key: &str) -> Option<FetchRequest> {
    let places = CatalogColumns::of(files, catalog);
    let file = |id: &str| listing.files.iter().find(|file| file.id == id).cloned();
    if let Some(id) = key.strip_prefix(FILE_PREFIX) {
        let file = file(id)?;
        return Some(FetchRequest { name: file.name.clone(), file, promised: None });
    }
    let key = key.strip_prefix(CATALOG_PREFIX)?;
    let row = catalog.rows.iter().find(|row| row.key.as_str() == key)?;
    let text = |at: Option<usize>| at.and_then(|at| row.cells[at].as_text()).filter(|text| !text.is_empty());
    let file = file(&places.id_of(row))?;
    let name = text(places.name).map_or_else(|| file.name.clone(), str::to_owned);
    Some(FetchRequest { name, file, promised: text(places.checksum).and_then(sha256_of) })
}

/// Catalog rows that are not loaded. Nobody looked for their files: they are unknown, unless they are crit or off by
/// themselves.
fn beyond(catalog: &Table) -> (Counts, ReasonCounts) {
    let (mut own, mut own_reasons) = (catalog.counts, catalog.reasons.clone());
    for row in &catalog.rows {
        own.remove_one(row.severity);
        if let Some(id) = row.reasons.first() {
            own_reasons.remove_one(row.severity, id);
        }
    }
    let unknown = own.ok + own.warn + own.unknown;
    let mut reasons = ReasonCounts::default();
    reasons.add(Severity::Unknown, Doubt::NotLoaded.word(), unknown);
    for (severity, id, n) in own_reasons.ranked() {
        if matches!(severity, Severity::Crit | Severity::Off) {
            reasons.add(severity, id, n);
        }
    }
    (Counts { crit: own.crit, unknown, off: own.off, ..Counts::default() }, reasons)
}

fn is_settled(chunks: &OrphanChunks, clock: Clock) -> bool {
    chunks.since.is_none_or(|since| clock.utc.since_ms(since) > UPLOAD_GRACE_MS)
}

/// An ObjectId in hex, the id of every GridFS file.
fn is_object_id(id: &str) -> bool {
    id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn judge(
    places: &CatalogColumns,
    row: &RawRow,
    id: &str,
    file: Option<&StoredFile>,
    listing: Result<&Listing, Doubt>,
    references: usize,
) -> Mismatch {
    let finding = |verdict, why: String| Mismatch { verdict, why, doubt: None };
    let not_known = |doubt, why: &str| Mismatch { doubt: Some(doubt), ..finding(FileVerdict::Unknown, why.to_owned()) };
    let listing = match listing {
        Ok(listing) => listing,
        Err(doubt) => return not_known(doubt, "the file store has not answered"),
    };
    let Some(file) = file else {
        // A bucket may have ids of other kinds: then this one is no mistake by its form.
        let has_object_ids = listing.files.iter().all(|file| is_object_id(&file.id));
        if has_object_ids && !is_object_id(id) {
            let shown = crate::text::inert(id);
            let shown = crate::text::cut(&shown, 40, "…");
            return finding(FileVerdict::BadId, format!("the catalog's file id \"{shown}\" is no ObjectId"));
        }
        return if listing.truncated {
            not_known(Doubt::NotLoaded, "the store has more files than are listed")
        } else {
            finding(FileVerdict::MissingFile, "the store has no such file".into())
        };
    };
    let Some(length) = file.length else {
        return finding(FileVerdict::Size, "the stored file has no length".into());
    };
    let promised = places.size.and_then(|at| row.cells[at].as_number());
    #[expect(clippy::cast_precision_loss, reason = "file sizes are far below 2^53 bytes")]
    if promised.is_some_and(|promised| (promised - length as f64).abs() >= 1.0) {
        let promised = promised.unwrap_or_default();
        return finding(FileVerdict::Size, {
            let (is, says) = (thousands(length), thousands(format!("{promised:.0}")));
            format!("file is {is} bytes, the catalog says {says}")
        });
    }
    if let (Some(expected), Some(chunks)) = (expected_chunks(file), file.chunks) {
        let missing = expected.saturating_sub(chunks.found);
        if missing > 0 {
            return finding(
                FileVerdict::ChunkGap,
                format!("{missing} of {expected} chunks {} missing", if missing == 1 { "is" } else { "are" }),
            );
        }
        if missing < 0 {
            return finding(
                FileVerdict::ExtraChunks,
                format!("{} {}, the length needs {expected}", chunks.found, chunk_word(chunks.found)),
            );
        }
        // Chunk numbers are unique: where the count is right and one lies beyond the length, one within it is missing.
        if chunks.last >= expected {
            return finding(FileVerdict::ChunkGap, format!("a chunk is missing, and one is numbered {}", chunks.last));
        }
    }
    let checksum = places.checksum.and_then(|at| row.cells[at].as_text()).unwrap_or_default();
    let read = compare(file.checked.as_ref(), checksum);
    if !read.verdict.is_deliverable() {
        return read;
    }
    if references > 1 {
        return finding(FileVerdict::DupRef, format!("{references} catalog rows name this file"));
    }
    match places.name.and_then(|at| row.cells[at].as_text()) {
        Some(name) if name != file.name => {
            finding(FileVerdict::Name, format!("the stored file is named {}", file.name))
        }
        _ => read,
    }
}

/// What was read against what is promised.
fn compare(checked: Option<&VerifyResult>, checksum: &str) -> Mismatch {
    let (verdict, why) = match (checked, sha256_of(checksum)) {
        // Nobody can be given bytes that are not there, whatever their checksum.
        (Some(VerifyResult::Damaged(how)), _) => (FileVerdict::Size, how.clone()),
        (_, None) if checksum.trim().is_empty() => {
            (FileVerdict::Unverified, "the catalog has no SHA-256 to compare with".into())
        }
        (_, None) => (FileVerdict::Unverified, "the catalog's checksum is no SHA-256".into()),
        (None, Some(_)) => (FileVerdict::Unverified, "nobody has read it to its end".into()),
        (Some(VerifyResult::Sha256(found)), Some(promised)) if *found == promised => (FileVerdict::Ok, String::new()),
        (Some(VerifyResult::Sha256(found)), Some(promised)) => {
            let shown = |hex: &str| crate::text::cut(&crate::text::inert(hex), 12, "…").into_owned();
            let why = format!("SHA-256 is {}, the catalog says {}", shown(found), shown(&promised));
            (FileVerdict::ChecksumBad, why)
        }
    };
    Mismatch { verdict, why, doubt: None }
}

/// A checksum as a catalog writes it: in any case, perhaps with its name before it. `None` for what is no SHA-256.
fn sha256_of(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.strip_prefix("sha256:").or(text.strip_prefix("sha-256:")).unwrap_or(&text).trim();
    (digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| digits.to_owned())
}

fn chunk_word(n: i64) -> &'static str {
    if n == 1 { "chunk" } else { "chunks" }
}

/// Chunks that the length needs; `None` for stores without chunks and for sizes that make no sense.
fn expected_chunks(file: &StoredFile) -> Option<i64> {
    let size = file.chunk_size.filter(|size| *size > 0)?;
    let length = file.length.filter(|length| *length >= 0)?;
    Some(length.div_euclid(size) + i64::from(length.rem_euclid(size) > 0))
}

/// Parts into which a file's chunks are divided at most, to be drawn.
const PARTS: i64 = 60;

/// Chunks that a file needs, and how many of them make one of the parts that are drawn; `None` for files without chunks.
#[must_use]
pub fn chunk_parts(file: &StoredFile) -> Option<(i64, i64)> {
    file.chunks?;
    let expected = expected_chunks(file).filter(|expected| *expected > 0)?;
    // Parts that are as many as may be, and none of them empty.
    Some((expected, expected / PARTS + i64::from(expected % PARTS > 0)))
}

/// Where the catalog keeps what is compared.
struct CatalogColumns {
    id: Option<usize>,
    name: Option<usize>,
    size: Option<usize>,
    active: Option<usize>,
    checksum: Option<usize>,
    width: usize,
}

impl CatalogColumns {
    fn of(files: &FilesView, catalog: &Table) -> Self {
        let at = |name: &str| catalog.columns.iter().position(|column| column == name);
        Self {
            id: at(&files.id),
            name: at(&files.name),
            size: at(&files.size),
            active: at(&files.active),
            checksum: at(&files.checksum),
            width: catalog.columns.len(),
        }
    }

    fn id_of(&self, row: &RawRow) -> String {
        self.id.and_then(|at| row.cells[at].as_text()).unwrap_or_default().to_ascii_lowercase()
    }

    fn catalog_row(&self, row: &RawRow, file: Option<&StoredFile>, finding: &Mismatch) -> RawRow {
        let active = self.active.is_some_and(|at| row.cells[at] == Value::Bool(true));
        let found = finding.verdict.severity(active);
        let severity = row.severity.judged_also(found);
        // The reason is that of the worse of both.
        let own_is_silent = row.why.is_empty() && row.reasons.is_empty();
        let is_told = !finding.why.is_empty() && severity != Severity::Off && (severity == found || own_is_silent);
        let mut cells = row.cells.clone();
        cells.extend(added_cells(finding.verdict, file));
        let key = RowKey(format!("{CATALOG_PREFIX}{}", row.key.as_str()).into());
        let own = RawRow { key, severity, why: row.why.clone(), reasons: row.reasons.clone(), cells, doubt: None };
        match finding.doubt {
            Some(doubt) => RawRow { doubt: Some(NotKnown::new(doubt, finding.why.as_str())), ..own },
            None if is_told => RawRow { why: finding.why.as_str().into(), reasons: reasons(finding.verdict), ..own },
            None => own,
        }
    }

    fn orphan_file(&self, file: &StoredFile) -> RawRow {
        let mut cells = vec![Value::Null; self.width];
        if let Some(at) = self.id {
            cells[at] = Value::text(&file.id);
        }
        if let Some(at) = self.name {
            cells[at] = Value::text(&file.name);
        }
        cells.extend(added_cells(FileVerdict::OrphanFile, Some(file)));
        RawRow {
            key: RowKey(format!("{FILE_PREFIX}{}", file.id).into()),
            severity: Severity::Warn,
            reasons: reasons(FileVerdict::OrphanFile),
            why: format!("stored as {}, but the catalog does not name it", text::one_line(&text::inert(&file.name)))
                .into(),
            cells,
            doubt: None,
        }
    }

    fn orphan_chunks(&self, orphan: &OrphanChunks) -> RawRow {
        let mut cells = vec![Value::Null; self.width];
        if let Some(at) = self.id {
            cells[at] = Value::text(&orphan.id);
        }
        let mut added = added_cells(FileVerdict::OrphanChunks, None);
        added[3] = Value::Int(orphan.chunks);
        added[5] = orphan.since.map_or(Value::Null, Value::Time);
        cells.extend(added);
        RawRow {
            key: RowKey(format!("chunks:{}", orphan.id).into()),
            severity: Severity::Warn,
            reasons: reasons(FileVerdict::OrphanChunks),
            why: {
                let (is, chunks) = (if orphan.chunks == 1 { "belongs" } else { "belong" }, chunk_word(orphan.chunks));
                format!("{} {chunks} of {} {is} to no file", orphan.chunks, text::inert(&orphan.id))
            }
            .into(),
            cells,
            doubt: None,
        }
    }
}

fn reasons(verdict: FileVerdict) -> ReasonIds {
    verdict.reason().map(ArcStr::from).into_iter().collect()
}

/// The cells of [`ADDED_COLUMNS`].
fn added_cells(verdict: FileVerdict, file: Option<&StoredFile>) -> [Value; 6] {
    let int = |n: Option<i64>| n.map_or(Value::Null, Value::Int);
    [
        Value::text(verdict.word()),
        file.map_or(Value::Null, |file| Value::text(&file.name)),
        int(file.and_then(|file| file.length)),
        int(file.and_then(|file| file.chunks).map(|chunks| chunks.found)),
        int(file.and_then(expected_chunks)),
        file.and_then(|file| file.uploaded).map_or(Value::Null, Value::Time),
    ]
}
