//! Lists a GridFS bucket without reading a byte of its files: the `.files` documents, and of `.chunks` only the index.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use mongodb::{
    bson::{Bson, Document, Utf8Lossy, doc},
    options::Hint,
};
use opsdash_core::{
    contract::{ChunkCount, Failure, FailureKind, Listing, OrphanChunks, RawRow, StoredFile, Table},
    text,
    time::Time,
    value::{RowKey, Value},
};

use super::{MongoSession, decode, failure};
use crate::{limits, text as incoming};

/// The newest `limit` files with their chunk counts. With `orphans`, also the chunks without a file document.
pub async fn listing(session: &MongoSession<'_>, bucket: &str, orphans: bool, limit: u32) -> Result<Listing, Failure> {
    let mut files = newest_files(session, bucket, limit).await?;
    let truncated = files.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    files.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let ids: Vec<Bson> = files.iter().filter_map(|file| file.get("_id").cloned()).collect();
    let counts = chunk_counts(session, bucket, ids).await?;
    let orphans = if orphans { Some(self::orphans(session, bucket).await?) } else { None };
    Ok(Listing { files: files.iter().map(|file| stored_file(file, &counts)).collect(), truncated, orphans })
}

async fn newest_files(session: &MongoSession<'_>, bucket: &str, limit: u32) -> Result<Vec<Document>, Failure> {
    let fields = doc! { "_id": 1, "filename": 1, "length": 1, "chunkSize": 1, "uploadDate": 1, "metadata": 1 };
    // Names may come from programs that write any bytes: a name is shown as far as it is text.
    let files = session.database.collection::<Utf8Lossy<Document>>(&format!("{bucket}.files"));
    let files = async {
        let newest = doc! { "uploadDate": -1, "_id": -1 };
        let find = files.find(doc! {}).projection(fields).sort(newest).limit(i64::from(limit) + 1);
        find.max_time(session.work()).selection_criteria(session.criteria.clone()).await?.try_collect::<Vec<_>>().await
    };
    let files = files.await.map_err(|error| session.failure(&error))?;
    Ok(files.into_iter().map(|file| file.0).collect())
}

/// The index that GridFS requires on `.chunks`. Queries hint at it, because without it every count would read the
/// files' bytes. A bucket without the index fails with an error that says so.
pub fn chunk_index() -> Hint {
    Hint::Keys(doc! { "files_id": 1, "n": 1 })
}

/// Counts the chunks of these files and finds the largest chunk number, from the index alone.
fn counting_stages(ids: Vec<Bson>) -> [Document; 2] {
    [
        doc! { "$match": { "files_id": { "$in": ids } } },
        doc! { "$group": { "_id": "$files_id", "found": { "$sum": 1_i64 }, "last": { "$max": "$n" } } },
    ]
}

async fn chunk_counts(
    session: &MongoSession<'_>,
    bucket: &str,
    ids: Vec<Bson>,
) -> Result<BTreeMap<String, ChunkCount>, Failure> {
    let groups = aggregate_chunks(session, bucket, counting_stages(ids).to_vec()).await?;
    let count = |group: &Document| ChunkCount {
        found: decode::whole(group.get("found")).unwrap_or_default(),
        last: decode::whole(group.get("last")).unwrap_or(-1),
    };
    Ok(groups.iter().map(|group| (address(group.get("_id")), count(group))).collect())
}

/// Counts the chunks in each part of a file, from the index alone. Part -1 holds the chunks beyond the file's length.
fn mapping_stages(file: &str, expected: i64, width: i64) -> [Document; 2] {
    let id = decode::id_at(file);
    let is_within = doc! { "$and": [{ "$isNumber": "$n" }, { "$gte": ["$n", 0] }, { "$lt": ["$n", expected] }] };
    let part = doc! { "$floor": { "$divide": ["$n", width.max(1)] } };
    [
        doc! { "$match": { "files_id": id } },
        doc! { "$group": { "_id": { "$cond": [is_within, part, -1] }, "found": { "$sum": 1_i64 } } },
    ]
}

/// See [`opsdash_core::contract::Question::Chunks`].
pub async fn chunk_map(
    session: &MongoSession<'_>,
    bucket: &str,
    file: &str,
    (expected, width): (i64, i64),
) -> Result<Table, Failure> {
    let groups = aggregate_chunks(session, bucket, mapping_stages(file, expected, width).to_vec()).await?;
    let row = |group: &Document| {
        let part = decode::whole(group.get("_id")).unwrap_or(-1);
        let found = decode::whole(group.get("found")).unwrap_or_default();
        RawRow {
            key: RowKey(part.to_string().into()),
            cells: vec![Value::Int(part), Value::Int(found)],
            ..RawRow::default()
        }
    };
    let rows = groups.iter().map(row).collect();
    Ok(Table { columns: vec!["part".into(), "found".into()], rows, ..Table::default() })
}

/// Chunks without a file document. One pass over the index finds them. For those few, the id of the first chunk is read
/// too: it holds the time of writing.
async fn orphans(session: &MongoSession<'_>, bucket: &str) -> Result<Vec<OrphanChunks>, Failure> {
    let first_chunk = vec![
        doc! { "$match": { "$expr": { "$eq": ["$files_id", "$$file"] } } },
        doc! { "$sort": { "n": 1 } },
        doc! { "$limit": 1 },
        doc! { "$project": { "_id": 1 } },
    ];
    let stages = vec![
        doc! { "$group": { "_id": "$files_id", "chunks": { "$sum": 1_i64 } } },
        doc! { "$lookup": { "from": format!("{bucket}.files"), "localField": "_id", "foreignField": "_id", "as": "file" } },
        doc! { "$match": { "file": { "$size": 0 } } },
        doc! { "$sort": { "_id": 1 } },
        doc! { "$limit": i64::from(limits::ORPHANED_FILES) },
        doc! { "$lookup": {
            "from": format!("{bucket}.chunks"), "let": { "file": "$_id" }, "pipeline": first_chunk, "as": "first",
        } },
    ];
    let groups = aggregate_chunks(session, bucket, stages).await?;
    let orphan = |group: &Document| OrphanChunks {
        id: id_text(group.get("_id")),
        chunks: decode::whole(group.get("chunks")).unwrap_or_default(),
        since: group.get_array("first").ok().and_then(|first| written_at(first.first())),
    };
    Ok(groups.iter().map(orphan).collect())
}

/// When a document was written; `None` when its id is no ObjectId.
fn written_at(document: Option<&Bson>) -> Option<Time> {
    let id = document?.as_document()?.get_object_id("_id").ok()?;
    Some(Time::from_ms(id.timestamp().timestamp_millis()))
}

async fn aggregate_chunks(
    session: &MongoSession<'_>,
    bucket: &str,
    stages: Vec<Document>,
) -> Result<Vec<Document>, Failure> {
    let name = format!("{bucket}.chunks");
    let chunks = session.database.collection::<Document>(&name);
    let groups = async {
        let aggregate = chunks.aggregate(stages).hint(chunk_index()).max_time(session.work());
        let aggregate = aggregate.selection_criteria(session.criteria.clone()).with_type::<Utf8Lossy<Document>>();
        aggregate.await?.try_collect::<Vec<_>>().await
    };
    let groups = groups.await.map_err(|error| {
        let failure = session.failure(&error);
        if failure::is_missing_index(&error) {
            let what =
                format!("{name} has no index on (files_id, n), which GridFS requires; without it nothing is counted");
            return Failure::new(FailureKind::Schema, &what).of_object(&name);
        }
        failure
    })?;
    Ok(groups.into_iter().map(|group| group.0).collect())
}

fn stored_file(file: &Document, counts: &BTreeMap<String, ChunkCount>) -> StoredFile {
    let id = id_text(file.get("_id"));
    StoredFile {
        chunks: Some(counts.get(&address(file.get("_id"))).copied().unwrap_or(ChunkCount { found: 0, last: -1 })),
        name: incoming::cut(file.get_str("filename").unwrap_or_default(), limits::WHY_BYTES),
        length: decode::whole(file.get("length")),
        chunk_size: decode::whole(file.get("chunkSize")),
        uploaded: file.get_datetime("uploadDate").ok().map(|at| Time::from_ms(at.timestamp_millis())),
        metadata: file.get_document("metadata").ok().map(decode::relaxed_document),
        checked: None,
        stored_id: file.get("_id").and_then(decode::address_of),
        id,
    }
}

/// By what the store finds an id again; see [`StoredFile::address`].
fn address(id: Option<&Bson>) -> String {
    id.and_then(decode::address_of).unwrap_or_else(|| id_text(id))
}

/// An ObjectId in hex, anything else as inert text.
fn id_text(id: Option<&Bson>) -> String {
    let raw = id.map(decode::raw_text).unwrap_or_default();
    text::inert(&raw).into_owned()
}
