//! What doctor says of a MongoDB deployment.

use mongodb::bson::{Bson, Document, doc};
use opsdash_testbed::{
    sample::cybersensei::{fresh_files, load_files},
    servers::mongod::{Mongod, shared},
};

use super::Diagnosis;
use crate::support::lab;

/// A target whose other source is nowhere: nothing of it is looked at here.
fn doctor(url: &str) -> Diagnosis {
    super::doctor(&lab("postgres://opsdash@127.0.0.1:9/central", url))
}

/// What is said of the files alone.
fn troubles(found: &Diagnosis) -> Vec<&str> {
    let of_files =
        found.findings().iter().filter(|finding| finding["source"] == "files" && finding["severity"] != "ok");
    of_files.map(|finding| finding["subject"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_login_made_by_the_grants_is_clean_and_one_that_writes_is_crit() {
    let server = Mongod::start_with_auth().await.unwrap();
    load_files(&server.url("updates"), jiff::Timestamp::now()).await.unwrap();
    let shell = lab("postgres://opsdash@127.0.0.1:9/central", "mongodb://127.0.0.1:9/updates");
    let printed = shell.run(&["doctor", "--grants", "files"]).out;
    // The roles as they are printed; mongosh itself is not at hand.
    let roles = printed.lines().find_map(|line| line.trim().strip_prefix("const roles = ")).unwrap();
    let roles: Bson = serde_json::from_str(roles.trim_end_matches(';')).unwrap();
    let admin = server.client().await.unwrap().database("admin");
    for (user, roles) in [
        ("opsdash_reader", roles),
        ("writer", Bson::Array(vec![doc! { "role": "readWrite", "db": "updates" }.into()])),
        ("stranger", Bson::Array(vec![doc! { "role": "read", "db": "elsewhere" }.into()])),
    ] {
        let create = doc! { "createUser": user, "pwd": "p", "roles": roles };
        admin.run_command(create).await.unwrap();
    }
    let read = doctor(&server.url_of("opsdash_reader", "p", "updates"));
    assert!(troubles(&read).is_empty(), "{:#}", read.json);
    let said: Vec<&str> = read.findings().iter().map(|finding| finding["found"].as_str().unwrap()).collect();
    assert!(said.contains(&"2 collections, as documented") && said.contains(&"3 indexes, as documented"), "{said:?}");
    assert!(said.contains(&"opsdash_reader reads what schema.toml lists"), "{said:?}");
    assert!(read.of("role clusterMonitor").1.starts_with("not granted"));

    let write = doctor(&server.url_of("writer", "p", "updates"));
    assert_eq!(troubles(&write), ["login writer"]);
    let (severity, found, fix) = write.of("login writer");
    assert!(severity == "crit" && found.contains("insert") && fix.contains("--grants"), "{found}");

    let stranger = doctor(&server.url_of("stranger", "p", "updates"));
    assert_eq!(troubles(&stranger), ["login"]);
    assert!(stranger.of("login").2.contains("--grants"));
    let wrong = doctor(&server.url_of("opsdash_reader", "wrong", "updates"));
    assert_eq!((wrong.of("connection").0, wrong.code), ("crit", Some(3)));
    let documented = doctor(&server.url_of("opsdash_reader", "mongoroot123", "updates"));
    assert_eq!(documented.of("password").0, "crit");
}

#[tokio::test]
async fn a_server_that_asks_nobody_and_an_index_that_is_gone_are_told() {
    let url = fresh_files("doctor_files").await.unwrap();
    let database = shared().client().await.unwrap().database("doctor_files");
    let chunks = database.collection::<Document>("update_packages.chunks");
    chunks.drop_index("files_id_1_n_1").await.unwrap();
    let found = doctor(&url);
    assert_eq!(troubles(&found), ["login", "index update_packages.chunks(files_id, n)"]);
    assert!(found.of("login").1.contains("asks for none"));
    let fix = found.of("index update_packages.chunks(files_id, n)").2;
    let expected = r#"db.getCollection("update_packages.chunks").createIndex({ files_id: 1, n: 1 }, { unique: true })"#;
    assert_eq!(fix, expected);
}
