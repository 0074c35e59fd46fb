//! Reading files of a store: to learn their checksum, or to have them.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Once},
};

use aws_lc_rs::digest::{Context, SHA256};
use opsdash_core::{
    contract::{Failure, StoredFile, VerifyResult},
    text,
};
use opsdash_sources::{
    Source,
    byte_sink::{Block, ByteSink, ReadError},
};
use tempfile::{Builder, NamedTempFile};
use tokio::sync::mpsc::Receiver;

/// What a file that is being written is called until it is whole.
const UNFINISHED: &str = ".opsdash-";

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum GetError {
    /// The store did not answer, or the file is another one now.
    #[error("{0}")]
    Failed(Failure),
    /// What the store holds is not what its own record says.
    #[error("{0}; nothing is kept")]
    Damaged(String),
    /// The bytes are not those that the catalog promises.
    #[error("its SHA-256 is {found}, the catalog says {promised}; nothing is kept")]
    Checksum {
        /// What was read.
        found: String,
        /// What should have been.
        promised: String,
    },
    /// The name cannot be a file's.
    #[error("\"{0}\" is no name for a file here")]
    Name(String),
    /// There is one already.
    #[error("{} is there already; nothing is overwritten", .0.display())]
    Exists(PathBuf),
    /// The disk does not take it.
    #[error("{}: {why}; nothing is kept, and it can be tried again", .path.display())]
    Disk {
        /// The folder or the file.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
}

/// A file that was fetched.
#[derive(Debug)]
pub struct Fetched {
    /// Where it lies.
    pub path: PathBuf,
    /// Its SHA-256 in hex.
    pub sha256: String,
}

/// Whether a failure is of the file that was read alone, so that the next one may be read.
#[must_use]
pub fn is_of_one_file(failure: &Failure) -> bool {
    use opsdash_core::contract::FailureKind;
    matches!(failure.kind, FailureKind::Schema | FailureKind::Privilege | FailureKind::Other)
}

/// Reads all of a file and says what it found. Dropping the future ends it and leaves nothing.
///
/// # Errors
/// When the store does not answer; nothing is known then.
pub async fn verify(
    source: &Source,
    bucket: &str,
    file: &StoredFile,
    rate: Option<u64>,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<VerifyResult, Failure> {
    let (mut sink, blocks) = ByteSink::new(rate, progress);
    let hashing = tokio::task::spawn_blocking(move || take(blocks, None));
    let read = source.read_file(bucket, file, &mut sink).await;
    let ended = match read {
        Ok(()) => sink.end().await,
        Err(fault) => {
            drop(sink);
            Err(fault)
        }
    };
    let hashed = hashing.await;
    match (ended, hashed) {
        (Err(ReadError::Damaged(how)), _) => Ok(VerifyResult::Damaged(how)),
        (Err(ReadError::Failed(failure)), _) => Err(failure),
        (Ok(()), Ok(Ok(Some(sha256)))) => Ok(VerifyResult::Sha256(sha256)),
        _ => Err(Failure::new(opsdash_core::contract::FailureKind::Other, "reading it broke off inside opsdash")),
    }
}

/// Fetches a file into a folder under a name: written beside, compared with what is `promised`, then renamed. It never
/// takes another's place; whatever goes wrong, nothing is left behind.
///
/// # Errors
/// Why there is no file.
pub async fn fetch(
    source: &Source,
    bucket: &str,
    file: &StoredFile,
    to: (&Path, &str),
    promised: Option<&str>,
    rate: Option<u64>,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Fetched, GetError> {
    let (folder, name) = to;
    let path = folder.join(checked_name(name)?);
    if path.symlink_metadata().is_ok() {
        return Err(GetError::Exists(path));
    }
    survive_size_limits();
    let disk = |path: &Path, why: io::Error| GetError::Disk { path: path.to_owned(), why };
    let unfinished = Builder::new().prefix(UNFINISHED).tempfile_in(folder).map_err(|why| disk(folder, why))?;
    let (mut sink, blocks) = ByteSink::new(rate, progress);
    let writing = tokio::task::spawn_blocking(move || {
        let mut unfinished = unfinished;
        let hashed = take(blocks, Some(unfinished.as_file_mut()))?;
        Ok::<(NamedTempFile, Option<String>), io::Error>((unfinished, hashed))
    });
    let read = source.read_file(bucket, file, &mut sink).await;
    let ended = match read {
        Ok(()) => sink.end().await,
        Err(fault) => {
            drop(sink);
            Err(fault)
        }
    };
    let written = writing.await.map_err(|_| disk(&path, io::Error::other("writing it broke off")))?;
    let (unfinished, hashed) = written.map_err(|why| disk(&path, why))?;
    match ended {
        Err(ReadError::Failed(failure)) => return Err(GetError::Failed(failure)),
        Err(ReadError::Damaged(how)) => return Err(GetError::Damaged(how)),
        Err(ReadError::Unwanted) | Ok(()) => {}
    }
    let Some(sha256) = hashed else { return Err(disk(&path, io::Error::other("it is not whole"))) };
    if let Some(promised) = promised.filter(|promised| *promised != sha256) {
        let promised = text::inert(promised).into_owned();
        return Err(GetError::Checksum { found: sha256, promised });
    }
    match unfinished.persist_noclobber(&path) {
        Ok(_) => Ok(Fetched { path, sha256 }),
        Err(why) if why.error.kind() == io::ErrorKind::AlreadyExists => Err(GetError::Exists(path)),
        Err(why) => Err(disk(&path, why.error)),
    }
}

/// Takes the blocks in, to a file too where there is one; the SHA-256 in hex, or `None` when the file did not come whole.
fn take(mut blocks: Receiver<Block>, mut to: Option<&mut File>) -> io::Result<Option<String>> {
    let mut hash = Context::new(&SHA256);
    loop {
        match blocks.blocking_recv() {
            Some(Block::Bytes(bytes)) => {
                hash.update(&bytes);
                if let Some(file) = &mut to {
                    file.write_all(&bytes)?;
                }
            }
            Some(Block::End) => break,
            None => return Ok(None),
        }
    }
    if let Some(file) = to {
        file.sync_all()?;
    }
    Ok(Some(hash.finish().as_ref().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))))
}

/// A limit on the size of files (`ulimit -f`) ends a program by a signal, and the unfinished file would stay. Where somebody
/// listens to the signal, it is an error like that of a full disk.
fn survive_size_limits() {
    static HEARD: Once = Once::new();
    HEARD.call_once(|| {
        let heard = Arc::default();
        // Where nobody may listen, the limit ends the program as it always did.
        let _deaf = signal_hook::flag::register(nix::sys::signal::Signal::SIGXFSZ as i32, heard);
    });
}

/// A name of a catalog as the name of a file in one folder, and of nothing else.
fn checked_name(name: &str) -> Result<&str, GetError> {
    let is_fine = !name.is_empty()
        && name.len() <= 255
        && !name.starts_with('.')
        && !name.contains(['/', '\\', '\n', '\t'])
        && name.chars().all(text::is_inert);
    if is_fine { Ok(name) } else { Err(GetError::Name(text::inert(name).into_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_a_catalog_stays_within_its_folder() {
        for name in ["", ".", "..", ".bashrc", "../a", "/etc/passwd", "a/b", "a\\b", "a\u{1b}b", "a\u{202e}b", "a\nb"] {
            assert!(checked_name(name).is_err(), "{name:?}");
        }
        assert!(checked_name("update-1.16.0 (final) é.zip").is_ok());
    }
}
