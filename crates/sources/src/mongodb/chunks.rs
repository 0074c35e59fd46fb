//! Reads a GridFS file, chunk by chunk.
//!
//! When the link breaks or the primary stops, reading waits and goes on with the next chunk, provided that the file is
//! still the same. When a file looks damaged on a secondary, which may lag behind, it is read again from the primary
//! before it counts as damaged.

use std::time::Duration;

use mongodb::{
    bson::{Bson, Document, RawBsonRef, RawDocument, RawDocumentBuf, doc},
    options::{ReadPreference, SelectionCriteria},
};
use opsdash_core::{
    contract::{Failure, FailureKind, StoredFile},
    time::Time,
};
use tokio::time::{Instant, sleep, timeout};

use super::{
    Mongo, decode,
    endpoint::{MongoEndpoint, OpenedClient},
    failure,
    gridfs::chunk_index,
};
use crate::{
    byte_sink::{ByteSink, ReadError},
    limits,
};

/// Chunks in one batch of the cursor: about 3 MB with the usual chunks of 255 KiB.
const BATCH_CHUNKS: u32 = 12;

/// Chunks in one query. It is bounded so that a slow reader keeps no cursor open for long.
const QUERY_CHUNKS: i64 = 240;

/// Pause before a broken link is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

/// The chunks that a file must have, from its `.files` document.
struct ChunkPlan {
    id: Bson,
    length: u64,
    chunk_size: u64,
    chunk_count: i64,
}

impl ChunkPlan {
    fn of(file: &StoredFile) -> Result<Self, ReadError> {
        let damaged = |what: &str| ReadError::Damaged(format!("its record has no {what} that makes sense"));
        let length = file.length.and_then(|length| u64::try_from(length).ok()).ok_or_else(|| damaged("length"))?;
        let chunk_size = file.chunk_size.and_then(|size| u64::try_from(size).ok()).filter(|size| *size > 0);
        let chunk_size = chunk_size.ok_or_else(|| damaged("chunk size"))?;
        let chunk_count = i64::try_from(length.div_ceil(chunk_size)).map_err(|_| damaged("length"))?;
        let id = decode::id_at(file.address());
        Ok(Self { id, length, chunk_size, chunk_count })
    }

    /// The bytes of chunk `n`. Fails when the document is another chunk, or does not have the expected number of bytes.
    fn bytes_of(&self, n: i64, chunk: &RawDocument) -> Result<Vec<u8>, ReadError> {
        let number = match chunk.get("n") {
            Ok(Some(RawBsonRef::Int32(number))) => Some(i64::from(number)),
            Ok(Some(RawBsonRef::Int64(number))) => Some(number),
            #[expect(clippy::cast_possible_truncation, reason = "a number of chunks is whole and far below 2^53")]
            Ok(Some(RawBsonRef::Double(number))) => Some(number as i64),
            _ => None,
        };
        if number != Some(n) {
            return Err(self.missing(n));
        }
        let Ok(Some(RawBsonRef::Binary(data))) = chunk.get("data") else {
            return Err(ReadError::Damaged(format!("chunk {n} holds no bytes")));
        };
        let (found, expected) = (data.bytes.len() as u64, self.length_of(n));
        if found != expected {
            return Err(ReadError::Damaged(format!("chunk {n} has {found} B instead of {expected}")));
        }
        Ok(data.bytes.to_vec())
    }

    fn missing(&self, n: i64) -> ReadError {
        ReadError::Damaged(format!("chunk {n} of {} is missing", self.chunk_count))
    }

    /// How many bytes chunk `n` must have.
    fn length_of(&self, n: i64) -> u64 {
        let before = u64::try_from(n).unwrap_or(0) * self.chunk_size;
        self.length.saturating_sub(before).min(self.chunk_size)
    }
}

impl Mongo {
    /// Reads a file of a bucket to its end. Fails when no chunk has arrived for [`limits::FILE_STALL`], or for
    /// [`limits::REPLICA_SET_STALL`] with a replica set.
    pub(super) async fn read_all(
        &self,
        bucket: &str,
        file: &StoredFile,
        sink: &mut ByteSink<'_>,
    ) -> Result<(), ReadError> {
        let plan = ChunkPlan::of(file)?;
        let mut reader = FileReader { bucket, file, plan: &plan, on_primary: false };
        let mut next = 0;
        loop {
            match self.read_rest(&reader, &mut next, sink).await {
                Err(ReadError::Damaged(_)) if !reader.on_primary => reader.on_primary = true,
                result => return result,
            }
        }
    }

    /// Reads from chunk `next` to the end, over as many broken links as time allows. `next` counts the chunks that the
    /// sink has taken.
    async fn read_rest(
        &self,
        reader: &FileReader<'_>,
        next: &mut i64,
        sink: &mut ByteSink<'_>,
    ) -> Result<(), ReadError> {
        let mut last_progress = Instant::now();
        loop {
            let before = *next;
            let mut last = Failure::new(FailureKind::Other, "the source has no url");
            for endpoint in &self.endpoints {
                let opened = endpoint.open().await.map_err(ReadError::Failed)?;
                match reader.advance(endpoint, &opened, next, sink).await {
                    Ok(Advance::Complete) => return Ok(()),
                    Ok(Advance::More) => break,
                    Err(ReadError::Failed(failure)) if failure.kind == FailureKind::Auth => {
                        if !endpoint.renew(&opened).await.map_err(ReadError::Failed)? {
                            return Err(ReadError::Failed(failure));
                        }
                        last = failure;
                        break;
                    }
                    Err(ReadError::Failed(failure)) if is_transient(failure.kind) => last = failure,
                    Err(error) => return Err(error),
                }
            }
            if *next > before {
                last_progress = Instant::now();
            } else if last_progress.elapsed() > self.stall_limit().await {
                return Err(ReadError::Failed(last));
            } else {
                sleep(RETRY_PAUSE).await;
            }
        }
    }

    /// How long no chunk may arrive. A replica set needs time to notice that its primary is gone.
    async fn stall_limit(&self) -> Duration {
        for endpoint in &self.endpoints {
            if endpoint.is_replica_set().await {
                return limits::REPLICA_SET_STALL;
            }
        }
        limits::FILE_STALL
    }
}

/// Whether a file has been read to its end.
enum Advance {
    More,
    Complete,
}

/// A file that is being read.
struct FileReader<'a> {
    bucket: &'a str,
    file: &'a StoredFile,
    plan: &'a ChunkPlan,
    /// Whether only the primary may answer.
    on_primary: bool,
}

impl FileReader<'_> {
    fn criteria(&self, opened: &OpenedClient) -> SelectionCriteria {
        if self.on_primary {
            return SelectionCriteria::ReadPreference(ReadPreference::Primary);
        }
        opened.criteria.clone()
    }

    /// Reads the next chunks. After the last one, checks that the store has no more of them.
    async fn advance(
        &self,
        endpoint: &MongoEndpoint,
        opened: &OpenedClient,
        next: &mut i64,
        sink: &mut ByteSink<'_>,
    ) -> Result<Advance, ReadError> {
        if *next < self.plan.chunk_count {
            return self.read_chunks(endpoint, opened, next, sink).await.map(|()| Advance::More);
        }
        self.check_end(endpoint, opened).await.map(|()| Advance::Complete)
    }

    /// Reads up to [`QUERY_CHUNKS`] chunks from `next` on.
    async fn read_chunks(
        &self,
        endpoint: &MongoEndpoint,
        opened: &OpenedClient,
        next: &mut i64,
        sink: &mut ByteSink<'_>,
    ) -> Result<(), ReadError> {
        self.check_unchanged(endpoint, opened).await?;
        let chunks = opened.database.collection::<RawDocumentBuf>(&format!("{}.chunks", self.bucket));
        let find = chunks.find(doc! { "files_id": &self.plan.id, "n": { "$gte": *next } }).sort(doc! { "n": 1 });
        let find = find.projection(doc! { "_id": 0, "n": 1, "data": 1 }).hint(chunk_index());
        let find = find.batch_size(BATCH_CHUNKS).limit(QUERY_CHUNKS).max_time(limits::FILE_STALL * 6);
        let find = find.selection_criteria(self.criteria(opened));
        let mut cursor = in_time(endpoint, async move { find.await }).await.map_err(ReadError::Failed)?;
        let end = (*next + QUERY_CHUNKS).min(self.plan.chunk_count);
        while *next < end {
            let has_more = in_time(endpoint, cursor.advance()).await.map_err(ReadError::Failed)?;
            if !has_more {
                return Err(self.plan.missing(*next));
            }
            let bytes = self.plan.bytes_of(*next, cursor.current())?;
            sink.push(bytes).await?;
            *next += 1;
        }
        Ok(())
    }

    /// Fails when there are chunks beyond the file's length, or when the file has changed.
    async fn check_end(&self, endpoint: &MongoEndpoint, opened: &OpenedClient) -> Result<(), ReadError> {
        self.check_unchanged(endpoint, opened).await?;
        let chunks = opened.database.collection::<Document>(&format!("{}.chunks", self.bucket));
        let find = chunks.find_one(doc! { "files_id": &self.plan.id, "n": { "$gte": self.plan.chunk_count } });
        let find = find.projection(doc! { "_id": 0, "n": 1 }).hint(chunk_index()).max_time(limits::FILE_STALL);
        let criteria = self.criteria(opened);
        let found = in_time(endpoint, async move { find.selection_criteria(criteria).await }).await;
        let Some(chunk) = found.map_err(ReadError::Failed)? else { return Ok(()) };
        let n = decode::whole(chunk.get("n")).unwrap_or_default();
        Err(ReadError::Damaged(format!("a chunk is numbered {n}, beyond its length")))
    }

    /// Fails when the file was replaced or removed since it was listed.
    async fn check_unchanged(&self, endpoint: &MongoEndpoint, opened: &OpenedClient) -> Result<(), ReadError> {
        let files = opened.database.collection::<Document>(&format!("{}.files", self.bucket));
        let find = files.find_one(doc! { "_id": &self.plan.id }).max_time(limits::FILE_STALL);
        let criteria = self.criteria(opened);
        let current = in_time(endpoint, async move { find.selection_criteria(criteria).await }).await;
        if is_same(current.map_err(ReadError::Failed)?.as_ref(), self.file) {
            return Ok(());
        }
        let what = format!("{} was replaced or removed while it was read", self.file.name);
        Err(ReadError::Failed(Failure::new(FailureKind::Other, &what)))
    }
}

/// Whether a retry may succeed: the server is away, stepping down or not yet elected.
fn is_transient(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Unreachable | FailureKind::Busy | FailureKind::Timeout)
}

/// Waits for one answer, up to [`limits::FILE_STALL`].
async fn in_time<T>(
    endpoint: &MongoEndpoint,
    work: impl Future<Output = Result<T, mongodb::error::Error>>,
) -> Result<T, Failure> {
    if let Ok(result) = timeout(limits::FILE_STALL, work).await {
        return result.map_err(|error| match failure::of(&error, &endpoint.label) {
            // A lost cursor is opened again, as after a broken link.
            lost if failure::is_lost_cursor(&error) => Failure::new(FailureKind::Unreachable, &lost.message),
            failure => failure,
        });
    }
    let what = format!("{}: no bytes within {} s", endpoint.label, limits::FILE_STALL.as_secs());
    Err(Failure::new(FailureKind::Unreachable, &what))
}

fn is_same(current: Option<&Document>, file: &StoredFile) -> bool {
    current.is_some_and(|current| {
        let uploaded = current.get_datetime("uploadDate").ok().map(|at| Time::from_ms(at.timestamp_millis()));
        decode::whole(current.get("length")) == file.length
            && decode::whole(current.get("chunkSize")) == file.chunk_size
            && uploaded == file.uploaded
    })
}
