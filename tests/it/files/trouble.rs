//! Servers and links that go away while a file is read.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use opsdash::runtime::transfer_task::{self, verify};
use opsdash_core::contract::{FailureKind, VerifyResult};
use opsdash_testbed::{
    forwarder::Forwarder,
    sample::cybersensei::{BUCKET, FILES_DATABASE, fresh_database, fresh_files, fresh_now, load_files},
    servers::mongod::{Mongod, ReplicaSet, shared},
};
use tokio::sync::Notify;

use super::{Downloads, file_id, find, sha256, store, try_list};

/// Of the largest file of the sample, so that its reading takes a few seconds.
const SLOW: Option<u64> = Some(3_000_000);

/// Tells when the first bytes have come.
#[derive(Default)]
struct Begun {
    bytes: AtomicU64,
    first: Notify,
}

impl Begun {
    fn hear(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
        self.first.notify_one();
    }
}

/// Reads the largest file slowly, does something when its first bytes have come, and reads on.
async fn disturbed(url: &str, disturb: impl FnOnce()) -> Result<VerifyResult, opsdash_core::contract::Failure> {
    let source = store(url);
    let file = find(&source, "1.16.0").await;
    let begun = Arc::new(Begun::default());
    let told = begun.clone();
    let reading =
        tokio::spawn(async move { verify(&source, BUCKET, &file, SLOW, &move |bytes| told.hear(bytes)).await });
    begun.first.notified().await;
    disturb();
    let read = reading.await.unwrap();
    assert!(read.is_err() || begun.bytes.load(Ordering::Relaxed) == 8_400_000);
    read
}

#[tokio::test]
async fn a_server_that_is_killed_half_way_is_told_results_are_kept_and_it_can_be_tried_again() {
    let mut mongod = Mongod::start().unwrap();
    let files = mongod.url(FILES_DATABASE);
    load_files(&files, fresh_now()).await.unwrap();
    let shell = Downloads::new(&fresh_database("files_killed").await.unwrap(), &files);
    let (small, large) = (file_id("2.0.0-beta.1"), file_id("1.16.0"));
    let arguments = ["files", "verify", &small, &large, "--rate", "3MB"];
    let running = shell.start_until_reading(&arguments, "update-1.16.0.zip");
    mongod.stop().unwrap();
    let ran = running.end();
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains("unreachable: 127.0.0.1:") && ran.err.contains("kept; try again"), "{}", ran.err);
    mongod.start_again().unwrap();
    let kept = shell.verdicts();
    assert_eq!((kept["2.0.0-beta.1"].as_str(), kept["1.16.0"].as_str()), ("OK", "UNVERIFIED"), "{kept:?}");
    let again = shell.run(&["files", "verify", "--all"]);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(!again.err.contains("update-2.0.0-beta.1.zip"), "it was read before: {}", again.err);
    let verdicts = shell.verdicts();
    assert_eq!((verdicts["1.16.0"].as_str(), verdicts["1.13.1"].as_str()), ("OK", "CHECKSUM_BAD"));
}

#[tokio::test]
async fn a_run_that_is_interrupted_keeps_what_it_has_read() {
    let main = fresh_database("files_interrupted").await.unwrap();
    let shell = Downloads::new(&main, &fresh_files("files_interrupted").await.unwrap());
    let [first, second, slow] = ["1.8.0", "1.9.0", "1.16.0"].map(file_id);
    let arguments = ["files", "verify", &first, &second, &slow, "--rate", "3MB"];
    let running = shell.start_until_reading(&arguments, "update-1.16.0.zip");
    kill(Pid::from_raw(running.child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    let ran = running.end();
    assert!(ran.code.is_none() && ran.out.is_empty(), "{ran:?}");
    let verdicts = shell.verdicts();
    let of = ["1.8.0", "1.9.0", "1.16.0"].map(|version| verdicts[version].as_str());
    assert_eq!(of, ["OK", "OK", "UNVERIFIED"]);
}

/// A set of three, each member with all of the sample.
async fn filled_set() -> ReplicaSet {
    let set = ReplicaSet::start(3).await.unwrap();
    let url = set.url(FILES_DATABASE);
    load_files(&url, fresh_now()).await.unwrap();
    // Whoever goes on must have the bytes; how far a member lags is not what is tried here.
    for member in &set.members {
        let source = store(&member.url(FILES_DATABASE));
        for _ in 0..1_000 {
            // Of a member that has not even the index yet, nothing can be listed.
            let files = try_list(&source).await.map(|listing| listing.files).unwrap_or_default();
            let is_here = |file: &&opsdash_core::contract::StoredFile| file.id == file_id("1.16.0");
            if files.iter().find(is_here).and_then(|file| file.chunks).is_some_and(|chunks| chunks.found == 33) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
    set
}

#[tokio::test]
async fn a_set_whose_primary_stops_goes_on_from_the_chunk_that_was_next() {
    let mut set = filled_set().await;
    let url = set.url(FILES_DATABASE);
    let primary = &mut set.members[0];
    let read = disturbed(&url, || primary.stop().unwrap()).await;
    assert_eq!(read, Ok(sha256("1.16.0")));
}

#[tokio::test]
async fn a_set_whose_primary_falls_silent_goes_on_with_another() {
    let set = filled_set().await;
    let primary = Pid::from_raw(set.members[0].pid().unwrap());
    let read = disturbed(&set.url(FILES_DATABASE), || kill(primary, Signal::SIGSTOP).unwrap()).await;
    kill(primary, Signal::SIGCONT).unwrap();
    assert_eq!(read, Ok(sha256("1.16.0")));
}

#[tokio::test]
async fn a_link_that_is_cut_is_taken_up_again_where_it_broke() {
    let url = fresh_files("files_cut").await.unwrap();
    let forwarder = Forwarder::start(shared().port()).await.unwrap();
    let read = disturbed(&forwarder.through(&url, shared().port()), || forwarder.cut()).await;
    assert_eq!(read, Ok(sha256("1.16.0")));
}

#[tokio::test]
async fn a_store_that_falls_silent_is_given_up_on_within_its_deadline() {
    let url = fresh_files("files_silent").await.unwrap();
    let forwarder = Forwarder::start(shared().port()).await.unwrap();
    let stall = || forwarder.set_mode(opsdash_testbed::forwarder::Mode::Stall);
    let failure = disturbed(&forwarder.through(&url, shared().port()), stall).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable, "{failure}");
}

#[tokio::test]
async fn a_file_that_is_replaced_while_it_is_read_is_not_judged() {
    use mongodb::bson::{DateTime, Document, doc};
    let url = fresh_files("files_replaced").await.unwrap();
    let source = store(&url);
    let file = find(&source, "1.9.0").await;
    let client = shared().client().await.unwrap();
    let collection = client.database("files_replaced").collection::<Document>(&format!("{BUCKET}.files"));
    let newer = doc! { "$set": { "uploadDate": DateTime::now() } };
    collection.update_many(doc! {}, newer).await.unwrap();
    let failure = transfer_task::verify(&source, BUCKET, &file, None, &|_| {}).await.unwrap_err();
    assert!(failure.message.contains("was replaced or removed"), "{failure}");
    let file = find(&source, "1.9.0").await;
    collection.delete_many(doc! {}).await.unwrap();
    assert!(transfer_task::verify(&source, BUCKET, &file, None, &|_| {}).await.is_err());
}
