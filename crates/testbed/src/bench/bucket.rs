//! The file store: packages that the catalog knows, in many small chunks.

use anyhow::Result;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, DateTime, Document, doc};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::sample::cybersensei::{BUCKET, FILES_DATABASE, create_bucket_indexes};
use crate::servers::mongod::Mongod;

const FILES: u8 = 60;
const CHUNKS: i32 = 500;
/// Of a file that is listed, its chunks are counted, never read: small ones do.
const CHUNK_BYTES: i32 = 1024;
const DAY_MS: i64 = 86_400_000;

/// Fills the bucket and the catalog that refers to it, and lets the server note what it is asked.
pub(super) async fn fill(mongod: &Mongod, catalog: &mut PgConnection) -> Result<()> {
    let database = mongod.client().await?.database(FILES_DATABASE);
    create_bucket_indexes(&database).await?;
    let now = DateTime::now().timestamp_millis();
    let length = i64::from(CHUNKS) * i64::from(CHUNK_BYTES);
    for place in 0..FILES {
        let id = ObjectId::from_bytes([place + 1; 12]);
        let name = format!("cybersensei-1.{place}.0.zip");
        let uploaded = DateTime::from_millis(now - i64::from(FILES - place) * 7 * DAY_MS);
        let bytes = vec![place; usize::try_from(CHUNK_BYTES)?];
        let data = Binary { subtype: BinarySubtype::Generic, bytes };
        let chunks = (0..CHUNKS).map(|n| doc! { "files_id": id, "n": n, "data": data.clone() });
        database.collection::<Document>(&format!("{BUCKET}.chunks")).insert_many(chunks).await?;
        let file = doc! {
            "_id": id, "length": length, "chunkSize": CHUNK_BYTES, "uploadDate": uploaded, "filename": &name,
        };
        database.collection(&format!("{BUCKET}.files")).insert_one(file).await?;
        let insert = format!(
            r#"INSERT INTO updates_metadata ("version", "filename", "fileSize", "mongoFileId", "createdAt")
            VALUES ('1.{place}.0', '{name}', {length}, '{id}', LOCALTIMESTAMP - {weeks} * interval '7 days')"#,
            weeks = FILES - place,
        );
        sqlx::raw_sql(AssertSqlSafe(insert)).execute(&mut *catalog).await?;
    }
    database.run_command(doc! { "profile": 2 }).await?;
    Ok(())
}
