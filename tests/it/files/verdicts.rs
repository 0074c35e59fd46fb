//! One of each fault, in both stores: what is seen, and what reading finds.

use std::{collections::BTreeMap, fs, path::Path};

use opsdash_testbed::{
    sample::cybersensei::{fresh_database, fresh_files, fresh_now, write_directory},
    shell::Ran,
};
use serde_json::Value as Json;

use super::{Downloads, checksum, file_id, files_read};
use crate::support::OPSDASH;

/// What can be seen without reading a byte, and what is known once all is read.
const EXPECTED: [(&str, &str, &str); 18] = [
    ("1.8.0", "UNVERIFIED", "OK"),
    ("1.9.0", "UNVERIFIED", "OK"),
    ("1.10.0", "UNVERIFIED", "OK"),
    ("1.10.1", "NAME", "NAME"),
    ("1.11.0", "MISSING_FILE", "MISSING_FILE"),
    ("1.11.1", "BAD_ID", "BAD_ID"),
    ("1.12.0", "SIZE", "SIZE"),
    ("1.12.1", "CHUNK_GAP", "CHUNK_GAP"),
    ("1.13.0", "EXTRA_CHUNKS", "EXTRA_CHUNKS"),
    ("1.13.1", "UNVERIFIED", "CHECKSUM_BAD"),
    // A chunk is shorter than it should be: reading alone tells.
    ("1.13.2", "UNVERIFIED", "SIZE"),
    ("1.14.0", "DUP_REF", "DUP_REF"),
    ("1.14.1", "DUP_REF", "DUP_REF"),
    // The catalog has no checksum.
    ("1.15.0", "UNVERIFIED", "UNVERIFIED"),
    // The catalog has it in capitals.
    ("1.16.0", "UNVERIFIED", "OK"),
    ("2.0.0-beta.1", "UNVERIFIED", "OK"),
    ("file", "ORPHAN_FILE", "ORPHAN_FILE"),
    // Of an upload that broke off; those of one that is under way are none.
    ("chunks", "ORPHAN_CHUNKS", "ORPHAN_CHUNKS"),
];

fn expected(is_read: bool) -> BTreeMap<String, String> {
    let verdict =
        |(name, seen, read): &(&str, &str, &str)| ((*name).to_owned(), if is_read { *read } else { *seen }.to_owned());
    EXPECTED.iter().map(verdict).collect()
}

fn entry<'j>(json: &'j Json, name: &str) -> &'j Json {
    json["files"].as_array().unwrap().iter().find(|file| file["name"] == name).unwrap()
}

#[tokio::test]
async fn every_fault_has_its_verdict_and_the_corrupted_file_is_found_by_reading() {
    let (main, files) = (fresh_database("files_all").await.unwrap(), fresh_files("files_all").await.unwrap());
    let shell = Downloads::new(&main, &files);
    assert_eq!(shell.verdicts(), expected(false));
    let listed = shell.run(&["files", "list", "--format", "json"]);
    assert_eq!(listed.json_of(1)["rows"].as_array().unwrap().len(), EXPECTED.len());

    let verified = shell.run(&["files", "verify", "--all", "--json"]);
    let json = verified.json_of(1);
    let bad: Vec<&Json> =
        json["files"].as_array().unwrap().iter().filter(|file| file["verdict"] == "CHECKSUM_BAD").collect();
    assert_eq!((bad.len(), &bad[0]["name"]), (1, &"update-1.13.1.zip".into()), "{json}");
    assert_eq!((&json["schema"], &json["error"]), (&1.into(), &Json::Null));
    let fine = entry(&json, "update-1.16.0.zip");
    assert_eq!((&fine["verdict"], &fine["sha256"]), (&"OK".into(), &checksum("1.16.0").into()));
    let short = entry(&json, "update-1.13.2.zip");
    assert!(short["why"].as_str().unwrap().starts_with("chunk 0 has 130560 B"), "{short}");
    assert_eq!(shell.verdicts(), expected(true), "and it is kept for the next run");
    let check = shell.run(&["check", "updates"]);
    assert!(check.code == Some(2) && check.out.contains("updates"), "{check:?}");

    let again = shell.run(&["files", "verify", "--all"]);
    assert_eq!((again.code, files_read(&again)), (Some(1), 0), "what was read is known: {again:?}");
    let anew = shell.run(&["files", "verify", &file_id("1.13.1"), "--again"]);
    assert_eq!((anew.code, files_read(&anew)), (Some(1), 1), "{anew:?}");
    let good = shell.run(&["files", "verify", &file_id("1.9.0")]);
    assert_eq!((good.code, files_read(&good)), (Some(0), 0), "{good:?}");
}

#[tokio::test]
async fn results_that_cannot_be_kept_are_told_and_the_others_are_read() {
    let (main, files) = (fresh_database("files_unkept").await.unwrap(), fresh_files("files_unkept").await.unwrap());
    let shell = Downloads::new(&main, &files);
    // A disk without room: no file may grow.
    let script = format!("trap '' XFSZ; ulimit -f 0; exec {OPSDASH} files verify --all --json");
    let mut command = shell.shell.command_of(Path::new("/bin/sh"), &["-c", &script]);
    let ran = Ran::of(command.current_dir(shell.folder()));
    let json = ran.json_of(1);
    let verdicts: BTreeMap<String, String> = expected(true);
    for file in json["files"].as_array().unwrap() {
        let read = verdicts.iter().find(|(version, _)| file["name"] == format!("update-{version}.zip").as_str());
        assert!(read.is_none_or(|(_, verdict)| file["verdict"] == verdict.as_str()), "{file}");
    }
    assert!(ran.err.contains("not kept") && !ran.err.contains("cannot be read"), "{ran:?}");
    assert_eq!(shell.verdicts(), expected(false), "nothing is known of it in the next run");
}

#[tokio::test]
async fn what_is_beyond_the_rows_that_were_looked_at_is_no_success() {
    let root = tempfile::tempdir().unwrap();
    write_directory(root.path(), fresh_now()).unwrap();
    let main = fresh_database("files_cut").await.unwrap();
    let shell = Downloads::new(&main, &format!("file://{}", root.path().display()));
    let config = fs::read_to_string(shell.shell.config()).unwrap();
    fs::write(shell.shell.config(), config + "[views.updates]\nlimit = 1\n").unwrap();
    let gap = "1 of 16 rows are looked at; the rest is not known";
    let listed = shell.run(&["files", "list", "--format", "json"]);
    assert!(listed.err.contains(gap) && listed.err.contains("the store has more than the 1 files"), "{listed:?}");
    let all = shell.run(&["files", "verify", "--all"]);
    assert!(all.code == Some(3) && all.err.contains(gap), "{all:?}");
    let one = shell.run(&["files", "verify", &file_id("1.16.0"), "--limit", "12"]);
    assert_eq!(one.code, Some(0), "nothing else was asked for: {one:?}");
    let all = shell.run(&["files", "verify", "--all", "--limit", "500"]);
    assert!(all.code == Some(1) && !all.err.contains("not known"), "beyond the view's own limit: {all:?}");
}

#[tokio::test]
async fn an_update_is_activated_only_once_its_file_was_verified() {
    let (main, files) = (fresh_database("files_act").await.unwrap(), fresh_files("files_act").await.unwrap());
    let shell = Downloads::new(&main, &files);
    let key_of = |version: &str| {
        let json = shell.run(&["show", "updates", "--format", "json"]).json_of(0);
        let is_it = |row: &&Json| row["values"]["version"] == version;
        json["rows"].as_array().unwrap().iter().find(is_it).unwrap()["key"].as_str().unwrap().to_owned()
    };
    let (fine, short) = (key_of("2.0.0-beta.1"), key_of("1.13.2"));
    let act = |action: &str, key: &str, name: &str| {
        shell.run(&["act", "updates", action, key, "--yes", "--confirm", name, "--json"])
    };
    let refused = act("activate", &fine, "update-2.0.0-beta.1.zip");
    assert!(refused.code == Some(1) && refused.err.contains("UNVERIFIED"), "{refused:?}");
    assert_eq!(shell.run(&["files", "verify", &fine]).code, Some(0));
    let done = act("activate", &fine, "update-2.0.0-beta.1.zip").json_of(0);
    assert_eq!(done["outcome"], "done", "{done}");
    assert_eq!(done["rows"][0]["after"]["active"], "true", "{done}");
    let twice = act("activate", &fine, "update-2.0.0-beta.1.zip");
    assert_eq!(twice.code, Some(1), "{twice:?}");
    assert_eq!(act("deactivate", &fine, "").json_of(0)["outcome"], "done");

    assert_eq!(shell.run(&["files", "verify", &short]).code, Some(1));
    let refused = act("activate", &short, "update-1.13.2.zip");
    assert!(refused.code == Some(1) && refused.err.contains("SIZE"), "{refused:?}");
}

#[tokio::test]
async fn a_folder_has_the_verdicts_of_a_store_without_chunks() {
    let root = tempfile::tempdir().unwrap();
    write_directory(root.path(), fresh_now()).unwrap();
    let main = fresh_database("files_folder").await.unwrap();
    let shell = Downloads::new(&main, &format!("file://{}", root.path().display()));
    let of_folder = |is_read: bool| {
        let mut verdicts = expected(is_read);
        for name in ["file", "chunks"] {
            verdicts.remove(name);
        }
        for whole in ["1.12.1", "1.13.0", "1.13.2"] {
            let verdict = if is_read { "OK" } else { "UNVERIFIED" };
            verdicts.insert(whole.to_owned(), verdict.to_owned());
        }
        verdicts
    };
    assert_eq!(shell.verdicts(), of_folder(false));
    assert_eq!(shell.run(&["files", "verify", "--all"]).code, Some(1));
    assert_eq!(shell.verdicts(), of_folder(true));
    let got = shell.run(&["files", "get", &file_id("1.16.0"), "--json"]).json_of(0);
    assert_eq!((&got["sha256"], &got["verified"]), (&checksum("1.16.0").into(), &true.into()), "{got}");
}
