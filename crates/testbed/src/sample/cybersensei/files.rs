//! Loads the update packages into a `GridFS` bucket, faults included.

use anyhow::{Context, Result};
use jiff::{Span, Timestamp};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, Document, doc};
use mongodb::options::IndexOptions;
use mongodb::{Client, Database, IndexModel};

use super::updates::{DEFAULT_CHUNK, Fault, UPDATES, Update, content, days, filename, object_id};

/// The bucket's name.
pub const BUCKET: &str = "update_packages";

/// Fills the bucket in the database that the URL names, as of `now`.
///
/// The documents are written directly, because no driver writes broken ones.
pub async fn load_files(url: &str, now: Timestamp) -> Result<()> {
    let client = Client::with_uri_str(url).await.context("bad MongoDB URL")?;
    let database = client.default_database().context("the MongoDB URL names no database")?;
    create_bucket_indexes(&database).await?;
    for update in UPDATES.iter().filter(|update| update.has_own_file()) {
        insert(&database, &file_of(update, now)).await?;
    }
    // Known to nobody.
    insert(&database, &orphan_file(now)).await?;
    // Left by an upload that broke off five hours ago, and of one that goes on right now.
    for (seed, minutes) in [("broken off", 300), ("under way", 2)] {
        let at = now - Span::new().minutes(minutes);
        insert_chunks(&database, object_id(seed, at), &content(seed, 400_000), at).await?;
    }
    Ok(())
}

/// The indexes of a bucket that the system's document names.
pub(crate) async fn create_bucket_indexes(database: &Database) -> Result<()> {
    let files = database.collection::<Document>(&format!("{BUCKET}.files"));
    for keys in [doc! { "filename": 1 }, doc! { "uploadDate": -1 }] {
        let index = IndexModel::builder().keys(keys).build();
        files.create_index(index).await?;
    }
    let unique = IndexOptions::builder().unique(true).build();
    let index = IndexModel::builder().keys(doc! { "files_id": 1, "n": 1 }).options(unique).build();
    let chunks = database.collection::<Document>(&format!("{BUCKET}.chunks"));
    chunks.create_index(index).await?;
    Ok(())
}

/// A file as the store will hold it.
struct StoredFile {
    id: ObjectId,
    uploaded: Timestamp,
    name: String,
    length: Bson,
    chunk: u32,
    content: Vec<u8>,
    fault: Fault,
}

fn file_of(update: &Update, now: Timestamp) -> StoredFile {
    StoredFile {
        id: update.file_id(now),
        uploaded: now - days(update.days_ago),
        name: update.store_filename(),
        length: update.stored_length(),
        chunk: update.chunk,
        content: update.stored_content(),
        fault: update.fault,
    }
}

fn orphan_file(now: Timestamp) -> StoredFile {
    let uploaded = now - days(400);
    StoredFile {
        id: object_id("orphan", uploaded),
        uploaded,
        name: filename("0.9.0"),
        length: Bson::Int64(300_000),
        chunk: DEFAULT_CHUNK,
        content: content("orphan", 300_000),
        fault: Fault::None,
    }
}

async fn insert(database: &Database, file: &StoredFile) -> Result<()> {
    let mut chunks = chunks(file.id, &file.content, file.chunk, file.uploaded);
    match file.fault {
        Fault::ChunkGap => drop(chunks.remove(1)),
        Fault::ExtraChunks => {
            let extra = chunk(file.id, chunks.len(), b"left over", file.uploaded);
            chunks.push(extra);
        }
        Fault::ShortChunk => {
            let half = &file.content[..file.chunk as usize / 2];
            chunks[0] = chunk(file.id, 0, half, file.uploaded);
        }
        _ => {}
    }
    database.collection::<Document>(&format!("{BUCKET}.chunks")).insert_many(chunks).await?;
    database
        .collection(&format!("{BUCKET}.files"))
        .insert_one(doc! {
            "_id": file.id,
            "length": file.length.clone(),
            "chunkSize": file.chunk.cast_signed(),
            "uploadDate": DateTime::from_millis(file.uploaded.as_millisecond()),
            "filename": &file.name,
            "metadata": { "uploadedBy": "release@central.example", "node": "build-3" },
        })
        .await?;
    Ok(())
}

async fn insert_chunks(database: &Database, file: ObjectId, content: &[u8], at: Timestamp) -> Result<()> {
    database
        .collection::<Document>(&format!("{BUCKET}.chunks"))
        .insert_many(chunks(file, content, DEFAULT_CHUNK, at))
        .await?;
    Ok(())
}

fn chunks(file: ObjectId, content: &[u8], size: u32, at: Timestamp) -> Vec<Document> {
    content.chunks(size as usize).enumerate().map(|(n, bytes)| chunk(file, n, bytes, at)).collect()
}

fn chunk(file: ObjectId, n: usize, bytes: &[u8], at: Timestamp) -> Document {
    let data = Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() };
    let n = i32::try_from(n).expect("sample files have a few chunks");
    doc! { "_id": object_id(&format!("{file} {n}"), at), "files_id": file, "n": n, "data": data }
}
