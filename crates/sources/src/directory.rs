//! A file store in a folder. Its files are at `<root>/<bucket>/<id>/<name>`, one file in the folder of each id.

use std::{
    fs,
    io::{self, Read as _},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, UNIX_EPOCH},
};

use futures_util::future::BoxFuture;
use nix::fcntl::OFlag;
use opsdash_core::{
    contract::{
        Answer, Content, Facts, Failure, FailureKind, Inspection, LinkState, Listing, Question, Read, StoredFile,
        Within,
    },
    time::Time,
};
use opsdash_pack::config::SourceConfig;
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    byte_sink::{ByteSink, ReadError},
    engine::{self, Engine, FileStore},
    limits,
};

/// How a folder's URL begins.
const SCHEME: &str = "file://";

/// Bytes that are read at a time.
const BLOCK_BYTES: usize = 256 * 1024;

/// A folder of files.
pub struct Directory {
    root: PathBuf,
    link: Mutex<Option<LinkState>>,
    /// One listing at a time. On a dead file system a listing never ends, and each further one would block another
    /// thread.
    listing_permit: Arc<Semaphore>,
}

impl Directory {
    /// Takes the path of the first URL; touches no file system.
    ///
    /// # Errors
    /// A URL without an absolute path.
    pub fn open(config: &SourceConfig) -> Result<Self, Failure> {
        let path = config.urls.first().and_then(|url| url.0.strip_prefix(SCHEME)).map(PathBuf::from);
        match path.filter(|path| path.is_absolute()) {
            Some(root) => Ok(Self { root, link: Mutex::new(None), listing_permit: Arc::new(Semaphore::new(1)) }),
            None => Err(Failure::new(FailureKind::Other, "the url of a folder is file:///its/absolute/path")),
        }
    }

    /// Lists the files of a bucket. Ends in time even on a dead network file system, like a read of any other source.
    async fn list_bucket(&self, read: &Read) -> Result<Answer, Failure> {
        engine::check_unscoped(&read.within, "a folder")?;
        let Question::Store { bucket, orphans, limit } = &read.question else {
            // What asks a server of the source is what this deployment leaves out.
            let what = "here this source is a folder of files: there is no server to ask";
            return Err(Failure::new(FailureKind::NotConfigured, what));
        };
        let (folder, limit, started) = (self.root.join(bucket), *limit, Instant::now());
        let label = folder.display().to_string();
        let permit = Arc::clone(&self.listing_permit).acquire_owned();
        let listing = async move {
            let permit = permit.await;
            let task = tokio::task::spawn_blocking(move || {
                let listing = list(&folder, limit);
                drop(permit);
                listing
            });
            task.await
        };
        let patience = Duration::from_millis(read.limits.patience_ms.into());
        let listing = match timeout(patience, listing).await {
            Ok(Ok(listing)) => listing.map_err(|error| failure(&label, &error)),
            Ok(Err(_)) => Err(Failure::new(FailureKind::Other, &format!("{label}: listing it broke off"))),
            Err(_) => Err(Failure::new(FailureKind::Timeout, &format!("{label} did not answer"))),
        };
        *self.link_state() = Some(match &listing {
            Ok(_) => LinkState::Up { server: "folder".to_owned() },
            Err(failure) => LinkState::Down(failure.clone()),
        });
        let mut listing = listing?;
        // A folder has no chunks, so no chunk is without its file.
        listing.orphans = orphans.then(Vec::new);
        let took_ms = limits::whole_ms(started.elapsed());
        let content = Content::Listing(listing);
        Ok(Answer { content, server_now: None, operators: None, took_ms, rtt_ms: took_ms, coverage: None })
    }

    /// Checks that the folder can be listed. A folder has no version and no catalogs.
    async fn facts(&self, inspection: &Inspection, within: &Within) -> Result<Facts, Failure> {
        engine::check_unscoped(within, "a folder")?;
        let (root, started) = (self.root.clone(), Instant::now());
        let label = root.display().to_string();
        let time_limit = Duration::from_millis(inspection.timeout_ms.into()) + limits::MARGIN;
        match timeout(time_limit, tokio::task::spawn_blocking(move || fs::read_dir(root).map(drop))).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => return Err(failure(&label, &error)),
            Ok(Err(_)) => return Err(Failure::new(FailureKind::Other, &format!("{label}: looking at it broke off"))),
            Err(_) => return Err(Failure::new(FailureKind::Timeout, &format!("{label} did not answer"))),
        }
        let rtt_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(Facts { server: format!("folder {label}"), rtt_us, ..Facts::default() })
    }

    /// Reads a file to its end. Fails when a block takes longer than [`limits::FILE_STALL`], or when the file is not
    /// the one that was listed.
    async fn read_all(&self, bucket: &str, file: &StoredFile, sink: &mut ByteSink<'_>) -> Result<(), ReadError> {
        let path = self.root.join(bucket).join(&file.id).join(&file.name);
        let label = path.display().to_string();
        let failed = |error: &io::Error| ReadError::Failed(failure(&label, error));
        let (mut reader, metadata) = in_time(&label, move || {
            // A symbolic link is not followed: its target is outside the store.
            let file = fs::OpenOptions::new().read(true).custom_flags(OFlag::O_NOFOLLOW.bits()).open(&path)?;
            let metadata = file.metadata()?;
            Ok((file, metadata))
        })
        .await?
        .map_err(|error| failed(&error))?;
        let is_same = |metadata: &fs::Metadata| {
            let current = stored_file(&file.id, &file.name, metadata);
            (current.length, current.uploaded) == (file.length, file.uploaded)
        };
        let replaced = || {
            let what = format!("{label} was replaced or changed while it was read");
            ReadError::Failed(Failure::new(FailureKind::Other, &what))
        };
        if !metadata.is_file() || !is_same(&metadata) {
            return Err(replaced());
        }
        loop {
            let block;
            // The blocking task owns the file while it reads, and hands it back.
            (reader, block) = in_time(&label, move || {
                let mut block = vec![0; BLOCK_BYTES];
                let length = reader.read(&mut block)?;
                block.truncate(length);
                Ok((reader, block))
            })
            .await?
            .map_err(|error| failed(&error))?;
            if block.is_empty() {
                let metadata = in_time(&label, move || reader.metadata()).await?.map_err(|error| failed(&error))?;
                return if is_same(&metadata) { Ok(()) } else { Err(replaced()) };
            }
            sink.push(block).await?;
        }
    }

    fn link_state(&self) -> std::sync::MutexGuard<'_, Option<LinkState>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine for Directory {
    fn read<'a>(&'a self, read: &'a Read) -> BoxFuture<'a, Result<Answer, Failure>> {
        Box::pin(self.list_bucket(read))
    }

    fn inspect<'a>(&'a self, inspection: &'a Inspection, within: &'a Within) -> BoxFuture<'a, Result<Facts, Failure>> {
        Box::pin(self.facts(inspection, within))
    }

    fn link(&self) -> Option<LinkState> {
        self.link_state().clone()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    fn files(&self) -> Option<&dyn FileStore> {
        Some(self)
    }
}

impl FileStore for Directory {
    fn read_file<'a>(
        &'a self,
        bucket: &'a str,
        file: &'a StoredFile,
        sink: &'a mut ByteSink<'_>,
    ) -> BoxFuture<'a, Result<(), ReadError>> {
        Box::pin(self.read_all(bucket, file, sink))
    }
}

/// Runs blocking work on a file system that may be dead. The inner error is the file system's, the outer one says that
/// the work did not end in time.
async fn in_time<T: Send + 'static>(
    label: &str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<io::Result<T>, ReadError> {
    match timeout(limits::FILE_STALL, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(_)) => {
            Err(ReadError::Failed(Failure::new(FailureKind::Other, &format!("{label}: reading it broke off"))))
        }
        Err(_) => Err(ReadError::Failed(Failure::new(FailureKind::Timeout, &format!("{label} did not answer")))),
    }
}

fn list(folder: &Path, limit: u32) -> io::Result<Listing> {
    let mut files = Vec::new();
    for id in fs::read_dir(folder)? {
        let id = id?;
        // Symbolic links are not followed: their targets are outside the store.
        if !id.file_type()?.is_dir() {
            continue;
        }
        for file in skip_removed(fs::read_dir(id.path()))?.into_iter().flatten() {
            let file = file?;
            if let Some(metadata) = skip_removed(file.path().symlink_metadata())?.filter(fs::Metadata::is_file) {
                files.push(stored_file(
                    &id.file_name().to_string_lossy(),
                    &file.file_name().to_string_lossy(),
                    &metadata,
                ));
            }
        }
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.uploaded));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let truncated = files.len() > limit;
    files.truncate(limit);
    Ok(Listing { files, truncated, orphans: None })
}

/// `None` for an entry that was removed after its folder was read.
fn skip_removed<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

fn stored_file(id: &str, name: &str, metadata: &fs::Metadata) -> StoredFile {
    let modified = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    StoredFile {
        stored_id: None,
        id: opsdash_core::text::inert(id).into_owned(),
        name: opsdash_core::text::inert(name).into_owned(),
        length: i64::try_from(metadata.len()).ok(),
        chunk_size: None,
        uploaded: modified.and_then(|since| i64::try_from(since.as_micros()).ok()).map(Time),
        chunks: None,
        metadata: None,
        checked: None,
    }
}

fn failure(label: &str, error: &io::Error) -> Failure {
    let kind = match error.kind() {
        io::ErrorKind::PermissionDenied => FailureKind::Privilege,
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FailureKind::Schema,
        _ => FailureKind::Unreachable,
    };
    Failure::new(kind, &format!("{label}: {error}")).of_object(label)
}

#[cfg(test)]
mod tests {
    use opsdash_core::contract::{Address, Part, Ticket};
    use opsdash_pack::{
        config::Secret,
        pack::{SourceId, ViewId},
    };

    use super::*;

    fn directory(root: &Path) -> Directory {
        let url = Secret(format!("file://{}", root.display()));
        Directory::open(&SourceConfig { urls: vec![url], ..SourceConfig::default() }).unwrap()
    }

    fn listing_read(limit: u32) -> Read {
        let question = Question::Store { bucket: "packages".into(), orphans: true, limit };
        Read::new(Address { view: ViewId(0), part: Part::Store }, Ticket(1), SourceId(0), question, 5_000)
    }

    #[tokio::test]
    async fn files_are_listed_with_id_name_and_length_and_links_are_not() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("packages/65f0c0ffee65f0c0ffee65f0");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("a.zip"), b"12345").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.join("b.zip")).unwrap();
        let answer = directory(root.path()).read(&listing_read(10)).await.unwrap();
        let Content::Listing(listing) = answer.content else { panic!("a listing") };
        let files: Vec<_> = listing.files.iter().map(|file| (&*file.id, &*file.name, file.length)).collect();
        assert_eq!(files, [("65f0c0ffee65f0c0ffee65f0", "a.zip", Some(5))]);
        assert!(!listing.truncated);
        assert_eq!(listing.orphans, Some(Vec::new()));
    }

    #[tokio::test]
    async fn what_asks_a_server_is_left_out_of_a_folder_and_no_error() {
        let root = tempfile::tempdir().unwrap();
        let question = Question::Chunks {
            bucket: "packages".into(),
            file: "65f0c0ffee65f0c0ffee65f0".into(),
            expected: 1,
            width: 1,
        };
        let read = Read { question, ..listing_read(10) };
        let failure = directory(root.path()).read(&read).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::NotConfigured);
        assert!(failure.message.contains("a folder of files"), "{failure}");
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_named() {
        let root = tempfile::tempdir().unwrap();
        let failure = directory(root.path()).read(&listing_read(10)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Schema);
        assert!(failure.message.contains("packages"), "{failure}");
    }
}
