//! The bytes of a GridFS file, chunk by chunk. A link that breaks or a primary that stops is waited for: reading goes on
//! with the chunk that was next, provided that the file is still the same. What looks damaged on a member that may lag
//! behind is looked at again on the primary before it is called so.

use std::time::Duration;

use mongodb::{
    bson::{Bson, Document, RawBsonRef, RawDocumentBuf, doc, oid::ObjectId},
    options::{Hint, ReadPreference, SelectionCriteria},
};
use opsdash_core::{
    contract::{Failure, FailureKind, StoredFile},
    time::Time,
};
use tokio::time::{Instant, sleep, timeout};

use super::{
    Mongo,
    connect::{MongoEndpoint, OpenedClient},
    decode, failure,
};
use crate::{
    byte_sink::{ByteSink, ReadError},
    limits,
};

/// Chunks of one answer of the server: about 3 MB of the usual 255 KiB.
const BATCH: u32 = 12;

/// Chunks of one question: none keeps a cursor for long, however slowly the bytes are taken.
const ASKED: i64 = 240;

/// Pause before a broken link is tried again.
const AGAIN: Duration = Duration::from_millis(500);

/// A file as its own record describes it.
struct ChunkPlan {
    id: Bson,
    length: u64,
    chunk: u64,
    chunks: i64,
}

impl ChunkPlan {
    fn of(file: &StoredFile) -> Result<Self, ReadError> {
        let damaged = |what: &str| ReadError::Damaged(format!("its record has no {what} that makes sense"));
        let length = file.length.and_then(|length| u64::try_from(length).ok()).ok_or_else(|| damaged("length"))?;
        let chunk = file.chunk_size.and_then(|size| u64::try_from(size).ok()).filter(|size| *size > 0);
        let chunk = chunk.ok_or_else(|| damaged("chunk size"))?;
        let chunks = i64::try_from(length.div_ceil(chunk)).map_err(|_| damaged("length"))?;
        let id = ObjectId::parse_str(&file.id).map_or_else(|_| Bson::String(file.id.clone()), Bson::ObjectId);
        Ok(Self { id, length, chunk, chunks })
    }

    /// Bytes of a chunk.
    fn bytes_of(&self, n: i64) -> u64 {
        let before = u64::try_from(n).unwrap_or(0) * self.chunk;
        self.length.saturating_sub(before).min(self.chunk)
    }
}

impl Mongo {
    /// Reads a file of a bucket to its end. Gives up when nothing has come for [`limits::FILE_SILENCE`], of a replica set
    /// for [`limits::SET_SILENCE`].
    pub async fn read_file(&self, bucket: &str, file: &StoredFile, sink: &mut ByteSink<'_>) -> Result<(), ReadError> {
        let shape = ChunkPlan::of(file)?;
        let mut asked = FileReader { bucket, file, shape: &shape, on_primary: false };
        let mut next = 0;
        loop {
            match self.read_rest(&asked, &mut next, sink).await {
                Err(ReadError::Damaged(_)) if !asked.on_primary => asked.on_primary = true,
                ended => return ended,
            }
        }
    }

    async fn read_rest(
        &self,
        asked: &FileReader<'_>,
        next: &mut i64,
        sink: &mut ByteSink<'_>,
    ) -> Result<(), ReadError> {
        let mut heard = Instant::now();
        loop {
            let before = *next;
            let mut last = Failure::new(FailureKind::Other, "the source has no url");
            for place in &self.places {
                match asked.go_on(place, next, sink).await {
                    Ok(true) => return Ok(()),
                    Ok(false) => break,
                    Err(ReadError::Failed(failure)) if may_pass(failure.kind) => last = failure,
                    Err(fault) => return Err(fault),
                }
            }
            if *next > before {
                heard = Instant::now();
            } else if heard.elapsed() > self.patience() {
                return Err(ReadError::Failed(last));
            } else {
                sleep(AGAIN).await;
            }
        }
    }

    /// A set is given the time to see that its primary is gone.
    fn patience(&self) -> Duration {
        if self.places.iter().any(MongoEndpoint::is_set) { limits::SET_SILENCE } else { limits::FILE_SILENCE }
    }
}

/// A file that is being read, and who is believed.
struct FileReader<'a> {
    bucket: &'a str,
    file: &'a StoredFile,
    shape: &'a ChunkPlan,
    on_primary: bool,
}

impl FileReader<'_> {
    fn criteria(&self, opened: &OpenedClient) -> SelectionCriteria {
        if self.on_primary {
            return SelectionCriteria::ReadPreference(ReadPreference::Primary);
        }
        opened.criteria.clone()
    }

    /// Reads the next chunks; after the last one looks whether that was all, and then it is done.
    async fn go_on(&self, place: &MongoEndpoint, next: &mut i64, sink: &mut ByteSink<'_>) -> Result<bool, ReadError> {
        if *next < self.shape.chunks {
            return read_some(place, self, next, sink).await.map(|()| false);
        }
        self.look_beyond(place).await.map(|()| true)
    }

    /// Whether there are chunks beyond the length, and it still is the same file.
    async fn look_beyond(&self, place: &MongoEndpoint) -> Result<(), ReadError> {
        let opened = place.open().await.map_err(ReadError::Failed)?;
        self.is_there(place, opened).await?;
        let chunks = opened.database.collection::<Document>(&format!("{}.chunks", self.bucket));
        let find = chunks.find_one(doc! { "files_id": &self.shape.id, "n": { "$gte": self.shape.chunks } });
        let find = find.projection(doc! { "_id": 0, "n": 1 }).hint(index()).max_time(limits::FILE_SILENCE);
        let criteria = self.criteria(opened);
        let found = in_time(place, async move { find.selection_criteria(criteria).await }).await;
        let Some(chunk) = found.map_err(ReadError::Failed)? else { return Ok(()) };
        let n = decode::whole(chunk.get("n")).unwrap_or_default();
        Err(ReadError::Damaged(format!("a chunk is numbered {n}, beyond its length")))
    }

    /// Fails when the store has another file by now, or none.
    async fn is_there(&self, place: &MongoEndpoint, opened: &OpenedClient) -> Result<(), ReadError> {
        let files = opened.database.collection::<Document>(&format!("{}.files", self.bucket));
        let known = files.find_one(doc! { "_id": &self.shape.id }).max_time(limits::FILE_SILENCE);
        let criteria = self.criteria(opened);
        let known = in_time(place, async move { known.selection_criteria(criteria).await }).await;
        if is_same(known.map_err(ReadError::Failed)?.as_ref(), self.file) {
            return Ok(());
        }
        let what = format!("{} was replaced or removed while it was read", self.file.name);
        Err(ReadError::Failed(Failure::new(FailureKind::Other, &what)))
    }
}

/// Whether it may be better in a moment: a server that is away, stepping down or not yet elected.
fn may_pass(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Unreachable | FailureKind::Busy | FailureKind::Timeout)
}

fn index() -> Hint {
    Hint::Keys(doc! { "files_id": 1, "n": 1 })
}

/// One answer, or that there was none in time.
async fn in_time<T>(
    place: &MongoEndpoint,
    work: impl Future<Output = Result<T, mongodb::error::Error>>,
) -> Result<T, Failure> {
    if let Ok(answered) = timeout(limits::FILE_SILENCE, work).await {
        return answered.map_err(|error| match failure::of(&error, &place.label) {
            // A cursor that the server has forgotten is opened anew, as after a broken link.
            lost if failure::is_lost_cursor(&error) => Failure::new(FailureKind::Unreachable, &lost.message),
            failure => failure,
        });
    }
    let what = format!("{}: no bytes within {} s", place.label, limits::FILE_SILENCE.as_secs());
    Err(Failure::new(FailureKind::Unreachable, &what))
}

/// Reads the next chunks, `next` counting them.
async fn read_some(
    place: &MongoEndpoint,
    asked: &FileReader<'_>,
    next: &mut i64,
    sink: &mut ByteSink<'_>,
) -> Result<(), ReadError> {
    let opened = place.open().await.map_err(ReadError::Failed)?;
    asked.is_there(place, opened).await?;
    let (bucket, shape) = (asked.bucket, asked.shape);
    let chunks = opened.database.collection::<RawDocumentBuf>(&format!("{bucket}.chunks"));
    let find = chunks.find(doc! { "files_id": &shape.id, "n": { "$gte": *next } }).sort(doc! { "n": 1 }).hint(index());
    let find = find.projection(doc! { "_id": 0, "n": 1, "data": 1 }).batch_size(BATCH).limit(ASKED);
    let find = find.max_time(limits::FILE_SILENCE * 6).selection_criteria(asked.criteria(opened));
    let mut cursor = in_time(place, async move { find.await }).await.map_err(ReadError::Failed)?;
    let until = (*next + ASKED).min(shape.chunks);
    while *next < until {
        let has_more = in_time(place, cursor.advance()).await.map_err(ReadError::Failed)?;
        if !has_more {
            return Err(ReadError::Damaged(format!("chunk {next} of {} is missing", shape.chunks)));
        }
        let chunk = cursor.current();
        let n = match chunk.get("n") {
            Ok(Some(RawBsonRef::Int32(n))) => Some(i64::from(n)),
            Ok(Some(RawBsonRef::Int64(n))) => Some(n),
            #[expect(clippy::cast_possible_truncation, reason = "a number of chunks is whole and far below 2^53")]
            Ok(Some(RawBsonRef::Double(n))) => Some(n as i64),
            _ => None,
        };
        if n != Some(*next) {
            return Err(ReadError::Damaged(format!("chunk {next} of {} is missing", shape.chunks)));
        }
        let Ok(Some(RawBsonRef::Binary(data))) = chunk.get("data") else {
            return Err(ReadError::Damaged(format!("chunk {next} holds no bytes")));
        };
        let (found, wanted) = (data.bytes.len() as u64, shape.bytes_of(*next));
        if found != wanted {
            return Err(ReadError::Damaged(format!("chunk {next} has {found} B instead of {wanted}")));
        }
        sink.push(data.bytes.to_vec()).await?;
        *next += 1;
    }
    Ok(())
}

fn is_same(now: Option<&Document>, file: &StoredFile) -> bool {
    now.is_some_and(|now| {
        let uploaded = now.get_datetime("uploadDate").ok().map(|at| Time::from_ms(at.timestamp_millis()));
        decode::whole(now.get("length")) == file.length
            && decode::whole(now.get("chunkSize")) == file.chunk_size
            && uploaded == file.uploaded
    })
}
