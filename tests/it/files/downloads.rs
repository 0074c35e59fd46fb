//! Fetching files: whole and right, or nothing at all.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use opsdash::runtime::transfer_task::{GetError, fetch};
use opsdash_core::contract::FailureKind;
use opsdash_testbed::{
    forwarder::{Forwarder, Mode},
    sample::cybersensei::{BUCKET, fresh_database, fresh_files, updates::UPDATES},
    servers::mongod::shared,
    shell::Ran,
};
use tokio::sync::Notify;

use super::{Downloads, checksum, file_id, find, names, store};
use crate::support::{OPSDASH, eventually};

const NAME: &str = "update-1.16.0.zip";
const SLOW: Option<u64> = Some(3_000_000);

async fn shell(name: &str) -> Downloads {
    Downloads::new(&fresh_database(name).await.unwrap(), &fresh_files(name).await.unwrap())
}

#[tokio::test]
async fn a_file_is_fetched_whole_for_its_owner_alone_and_nothing_is_ever_overwritten() {
    let shell = shell("files_get").await;
    let got = shell.run(&["files", "get", &file_id("1.16.0")]);
    assert_eq!((got.code, got.out.trim_end().ends_with(NAME)), (Some(0), true), "{got:?}");
    let path = shell.folder().join(NAME);
    let update = UPDATES.iter().find(|update| update.version == "1.16.0").unwrap();
    assert!(fs::read(&path).unwrap() == update.content());
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    fs::write(&path, "mine").unwrap();
    let again = shell.run(&["files", "get", &file_id("1.16.0")]);
    assert!(again.code == Some(2) && again.err.contains("nothing is overwritten"), "{again:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(names(&shell.folder()), [NAME]);
}

#[tokio::test]
async fn of_a_file_that_is_not_as_promised_nothing_is_kept() {
    let shell = shell("files_wrong").await;
    for (version, said) in [("1.13.1", "SHA-256 is"), ("1.13.2", "chunk 0 has"), ("1.12.1", "chunk 1 of 3 is missing")]
    {
        let ran = shell.run(&["files", "get", &file_id(version)]);
        assert!(ran.code == Some(1) && ran.err.contains(said), "{version}: {ran:?}");
    }
    assert!(names(&shell.folder()).is_empty());
}

#[tokio::test]
async fn a_full_disk_leaves_nothing_behind_and_it_can_be_tried_again() {
    let shell = shell("files_full").await;
    // A limit on the size of files, in blocks of 512 bytes or of 1 KiB, as on a disk that has no more room.
    let script = format!("ulimit -f 2000; exec {OPSDASH} files get {}", file_id("1.16.0"));
    let mut command = shell.shell.command_of(Path::new("/bin/sh"), &["-c", &script]);
    let ran = Ran::of(command.current_dir(shell.folder()));
    assert!(ran.code == Some(2) && ran.err.contains("it can be tried again"), "{ran:?}");
    assert!(names(&shell.folder()).is_empty(), "{:?}", names(&shell.folder()));
    assert_eq!(shell.run(&["files", "get", &file_id("1.16.0")]).code, Some(0));
}

#[tokio::test]
async fn a_signal_half_way_leaves_nothing_behind() {
    let shell = shell("files_signal").await;
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let arguments = ["files", "get", &file_id("1.16.0"), "--rate", "1MB"];
        let running = shell.start_until_reading(&arguments, NAME);
        eventually("the file is begun", || !names(&shell.folder()).is_empty());
        kill(Pid::from_raw(running.child.id().cast_signed()), signal).unwrap();
        let ran = running.end();
        assert_eq!(ran.code, None, "it ends by the signal: {ran:?}");
        assert!(names(&shell.folder()).is_empty(), "{:?}", names(&shell.folder()));
    }
}

/// Begins to fetch the largest file slowly; the task, and what tells when its first bytes have come.
async fn begin(
    url: &str,
    folder: &Path,
) -> (tokio::task::JoinHandle<Result<opsdash::runtime::transfer_task::Fetched, GetError>>, Arc<Notify>) {
    let (source, first, folder) = (store(url), Arc::new(Notify::new()), folder.to_owned());
    let file = find(&source, "1.16.0").await;
    let told = first.clone();
    let promised = checksum("1.16.0");
    let task = tokio::spawn(async move {
        let progress = move |_| told.notify_one();
        fetch(&source, BUCKET, &file, (&folder, NAME), Some(&promised), SLOW, &progress).await
    });
    (task, first)
}

#[tokio::test]
async fn a_link_that_stays_cut_leaves_nothing_behind_and_it_can_be_tried_again() {
    let url = fresh_files("files_gone").await.unwrap();
    let forwarder = Forwarder::start(shared().port()).await.unwrap();
    let (url, folder) = (forwarder.through(&url, shared().port()), tempfile::tempdir().unwrap());
    let (task, first) = begin(&url, folder.path()).await;
    first.notified().await;
    forwarder.set_mode(Mode::Refuse);
    let failed = task.await.unwrap().unwrap_err();
    assert!(matches!(&failed, GetError::Failed(why) if why.kind == FailureKind::Unreachable), "{failed}");
    assert!(names(folder.path()).is_empty());
    forwarder.set_mode(Mode::Pass);
    let (task, _) = begin(&url, folder.path()).await;
    assert_eq!(task.await.unwrap().unwrap().sha256, checksum("1.16.0"));
    assert_eq!(names(folder.path()), [NAME]);
}

#[tokio::test]
async fn one_that_is_canceled_leaves_nothing_behind() {
    let (url, folder) = (fresh_files("files_cancel").await.unwrap(), tempfile::tempdir().unwrap());
    let (task, first) = begin(&url, folder.path()).await;
    first.notified().await;
    assert_eq!(names(folder.path()).len(), 1);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    // The thread that wrote it sees that nobody sends any more.
    eventually("nothing is left", || names(folder.path()).is_empty());
}

#[tokio::test]
async fn a_file_that_appears_meanwhile_is_not_overwritten() {
    let (url, folder) = (fresh_files("files_race").await.unwrap(), tempfile::tempdir().unwrap());
    let (task, first) = begin(&url, folder.path()).await;
    first.notified().await;
    fs::write(folder.path().join(NAME), "mine").unwrap();
    assert!(matches!(task.await.unwrap().unwrap_err(), GetError::Exists(_)));
    assert_eq!(fs::read_to_string(folder.path().join(NAME)).unwrap(), "mine");
    assert_eq!(names(folder.path()), [NAME]);
}
