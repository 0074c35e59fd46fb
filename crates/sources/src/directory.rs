//! A file store that is a folder: `<root>/<bucket>/<id>/<name>`, one file in the folder of its id.

use std::{
    fs,
    io::{self, Read as _},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, UNIX_EPOCH},
};

use nix::fcntl::OFlag;
use opsdash_core::{
    contract::{
        Answer, Content, Facts, Failure, FailureKind, Inspection, LinkState, Listing, Question, Read, StoredFile,
    },
    time::Time,
};
use opsdash_pack::config::SourceConfig;
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    byte_sink::{ByteSink, ReadError},
    limits,
};

/// What a URL of such a store begins with.
const SCHEME: &str = "file://";

/// Bytes of a file that are read at a time.
const BLOCK: usize = 256 * 1024;

/// A folder of files.
pub struct Directory {
    root: PathBuf,
    link: Mutex<Option<LinkState>>,
    /// One listing at a time: on a dead file system none ends, and every one more would hold another thread.
    turn: Arc<Semaphore>,
}

impl Directory {
    /// Whether the config names a folder rather than a server.
    pub fn is_meant(config: &SourceConfig) -> bool {
        config.urls.first().is_some_and(|url| url.0.starts_with(SCHEME))
    }

    /// Takes the first URL's path; looks at nothing yet.
    pub fn open(config: &SourceConfig) -> Result<Self, Failure> {
        let path = config.urls.first().and_then(|url| url.0.strip_prefix(SCHEME)).map(PathBuf::from);
        match path.filter(|path| path.is_absolute()) {
            Some(root) => Ok(Self { root, link: Mutex::new(None), turn: Arc::new(Semaphore::new(1)) }),
            None => Err(Failure::new(FailureKind::Other, "the url of a folder is file:///its/absolute/path")),
        }
    }

    /// Lists the store. A folder on a dead network file system is given up on like any other source.
    pub async fn read(&self, read: &Read) -> Result<Answer, Failure> {
        let Question::Store { bucket, orphans, limit } = &read.question else {
            return Err(Failure::new(FailureKind::Other, "a folder holds files and answers no query"));
        };
        let (folder, limit, began) = (self.root.join(bucket), *limit, Instant::now());
        let shown = folder.display().to_string();
        let turn = Arc::clone(&self.turn).acquire_owned();
        let listing = async move {
            let turn = turn.await;
            let listed = tokio::task::spawn_blocking(move || {
                let listed = list(&folder, limit);
                drop(turn);
                listed
            });
            listed.await
        };
        let patience = Duration::from_millis(read.timeout_ms.into()) + limits::MARGIN;
        let listed = match timeout(patience, listing).await {
            Ok(Ok(listed)) => listed.map_err(|why| failure(&shown, &why)),
            Ok(Err(_)) => Err(Failure::new(FailureKind::Other, &format!("{shown}: listing it broke off"))),
            Err(_) => Err(Failure::new(FailureKind::Timeout, &format!("{shown} did not answer"))),
        };
        *self.known() = Some(match &listed {
            Ok(_) => LinkState::Up { server: "folder".to_owned() },
            Err(failure) => LinkState::Down(failure.clone()),
        });
        let mut listing = listed?;
        // There are no chunks, so there are none without a file.
        listing.orphans = orphans.then(Vec::new);
        let took_ms = limits::whole_ms(began.elapsed());
        Ok(Answer { content: Content::Listing(listing), server_now: None, operators: None, took_ms, rtt_ms: took_ms })
    }

    /// Whether the folder can be listed; there is nothing else to know of it.
    pub async fn inspect(&self, inspection: &Inspection) -> Result<Facts, Failure> {
        let (root, began) = (self.root.clone(), Instant::now());
        let shown = root.display().to_string();
        let patience = Duration::from_millis(inspection.timeout_ms.into()) + limits::MARGIN;
        match timeout(patience, tokio::task::spawn_blocking(move || fs::read_dir(root).map(drop))).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(why))) => return Err(failure(&shown, &why)),
            Ok(Err(_)) => return Err(Failure::new(FailureKind::Other, &format!("{shown}: looking at it broke off"))),
            Err(_) => return Err(Failure::new(FailureKind::Timeout, &format!("{shown} did not answer"))),
        }
        let rtt_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(Facts { server: format!("folder {shown}"), rtt_us, ..Facts::default() })
    }

    /// Reads a file to its end. A file system that does not answer is given up on, as a server is.
    pub async fn read_file(&self, bucket: &str, file: &StoredFile, sink: &mut ByteSink<'_>) -> Result<(), ReadError> {
        let path = self.root.join(bucket).join(&file.id).join(&file.name);
        let shown = path.display().to_string();
        let failed = |why: &io::Error| ReadError::Failed(failure(&shown, why));
        let opening = path.clone();
        let (reader, record) = in_time(&shown, move || {
            // A link is not in the store.
            let reader = fs::OpenOptions::new().read(true).custom_flags(OFlag::O_NOFOLLOW.bits()).open(&opening)?;
            let metadata = reader.metadata()?;
            Ok((reader, metadata))
        })
        .await?
        .map_err(|why| failed(&why))?;
        let is_same = |metadata: &fs::Metadata| {
            let now = stored(&file.id, &file.name, metadata);
            (now.length, now.uploaded) == (file.length, file.uploaded)
        };
        let replaced = || {
            let what = format!("{shown} was replaced or changed while it was read");
            ReadError::Failed(Failure::new(FailureKind::Other, &what))
        };
        if !record.is_file() || !is_same(&record) {
            return Err(replaced());
        }
        let mut reader = Some(reader);
        while let Some(mut open) = reader.take() {
            let (back, block) = in_time(&shown, move || {
                let mut block = vec![0; BLOCK];
                let read = open.read(&mut block)?;
                block.truncate(read);
                Ok((open, block))
            })
            .await?
            .map_err(|why| failed(&why))?;
            if block.is_empty() {
                let now = in_time(&shown, move || back.metadata()).await?.map_err(|why| failed(&why))?;
                return if is_same(&now) { Ok(()) } else { Err(replaced()) };
            }
            sink.push(block).await?;
            reader = Some(back);
        }
        Ok(())
    }

    /// What the last listing learned.
    pub fn link(&self) -> Option<LinkState> {
        self.known().clone()
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<LinkState>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Work on a file system that may be dead.
async fn in_time<T: Send + 'static>(
    shown: &str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<io::Result<T>, ReadError> {
    match timeout(limits::FILE_SILENCE, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) => {
            Err(ReadError::Failed(Failure::new(FailureKind::Other, &format!("{shown}: reading it broke off"))))
        }
        Err(_) => Err(ReadError::Failed(Failure::new(FailureKind::Timeout, &format!("{shown} did not answer")))),
    }
}

fn list(folder: &Path, limit: u32) -> io::Result<Listing> {
    let mut files = Vec::new();
    for id in fs::read_dir(folder)? {
        let id = id?;
        // Links are not followed: what they lead to is not in the store.
        if !id.file_type()?.is_dir() {
            continue;
        }
        for file in still_there(fs::read_dir(id.path()))?.into_iter().flatten() {
            let file = file?;
            if let Some(metadata) = still_there(file.path().symlink_metadata())?.filter(fs::Metadata::is_file) {
                files.push(stored(&id.file_name().to_string_lossy(), &file.file_name().to_string_lossy(), &metadata));
            }
        }
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.uploaded));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let truncated = files.len() > limit;
    files.truncate(limit);
    Ok(Listing { files, truncated, orphans: None })
}

/// `None` for what was removed since its folder was read.
fn still_there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

fn stored(id: &str, name: &str, metadata: &fs::Metadata) -> StoredFile {
    let modified = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    StoredFile {
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

fn failure(shown: &str, why: &io::Error) -> Failure {
    let kind = match why.kind() {
        io::ErrorKind::PermissionDenied => FailureKind::Privilege,
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => FailureKind::Schema,
        _ => FailureKind::Unreachable,
    };
    Failure::new(kind, &format!("{shown}: {why}")).of_object(shown)
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

    fn ask(limit: u32) -> Read {
        Read {
            to: Address { view: ViewId(0), part: Part::Store },
            ticket: Ticket(1),
            source: SourceId(0),
            question: Question::Store { bucket: "packages".into(), orphans: true, limit },
            timeout_ms: 5_000,
            primary: false,
        }
    }

    #[tokio::test]
    async fn files_are_listed_with_id_name_and_length_and_links_are_not() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("packages/65f0c0ffee65f0c0ffee65f0");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("a.zip"), b"12345").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.join("b.zip")).unwrap();
        let answer = directory(root.path()).read(&ask(10)).await.unwrap();
        let Content::Listing(listing) = answer.content else { panic!("a listing") };
        let files: Vec<_> = listing.files.iter().map(|file| (&*file.id, &*file.name, file.length)).collect();
        assert_eq!(files, [("65f0c0ffee65f0c0ffee65f0", "a.zip", Some(5))]);
        assert!(!listing.truncated);
        assert_eq!(listing.orphans, Some(Vec::new()));
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_named() {
        let root = tempfile::tempdir().unwrap();
        let failure = directory(root.path()).read(&ask(10)).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Schema);
        assert!(failure.message.contains("packages"), "{failure}");
    }
}
