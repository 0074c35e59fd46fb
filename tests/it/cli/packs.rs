//! `opsdash packs new` and `packs check --live`: a pack made, tried on real servers, and broken in the ways that only
//! they can tell.

use std::fs;

use opsdash_testbed::{
    repository,
    sample::cybersensei::{fresh_database, fresh_files},
    servers::{mongod, postgres::shared},
    shell::{Ran, Shell},
};

use crate::support::{shell, target};

fn shop(url: &str) -> String {
    format!("[targets.shop]\nsystem = \"shop\"\n[targets.shop.sources.main]\nurl = \"{url}\"\ntimeout = \"2s\"\n")
}

#[track_caller]
fn run(shell: &Shell, line: &str, code: i32) -> Ran {
    let ran = shell.run(&line.split(' ').collect::<Vec<_>>());
    assert_eq!(ran.code, Some(code), "{line}: {}{}", ran.out, ran.err);
    ran
}

#[tokio::test]
async fn our_own_pack_is_right_on_the_documented_schema() {
    let (main, files) = (fresh_database("packs_own").await.unwrap(), fresh_files("packs_own").await.unwrap());
    let shell = shell(&target("lab", &main, &files));
    let ran = run(&shell, "packs check --live", 0);
    assert!(
        ran.out.starts_with("cybersensei: ok on lab, ") && ran.out.contains(" writes planned, a row tried in "),
        "{}",
        ran.out
    );
    let folder = repository().join("packs/cybersensei").display().to_string();
    let of_folder = shell.run(&["packs", "check", &folder, "--live"]);
    // How many views have a row to try depends on who else is connected.
    let questions = |out: &str| out.rsplit_once(", a row tried").map(|(before, _)| before.to_owned());
    assert_eq!((of_folder.code, questions(&of_folder.out)), (Some(0), questions(&ran.out)), "{}", of_folder.err);
    shared().run("packs_own", "ALTER TABLE licenses RENAME COLUMN \"usageCount\" TO usagecount").await.unwrap();
    let ran = run(&shell, "packs check --live", 2);
    // PostgreSQL names the place of the first use that it reads.
    let query = fs::read_to_string(repository().join("packs/cybersensei/licenses.sql")).unwrap();
    let lines = (1..).zip(query.lines()).filter(|(_, text)| text.contains("usageCount")).map(|(line, _)| line);
    let places: Vec<String> =
        lines.map(|line| format!("packs/cybersensei/licenses.sql:{line}: view licenses: schema: column ")).collect();
    assert!(places.iter().any(|place| ran.out.contains(place)), "none of {places:?} in\n{}", ran.out);
    for part in ["usageCount", "correct the query"] {
        assert!(ran.out.contains(part), "no {part} in\n{}", ran.out);
    }
    assert!(!ran.out.contains("admins.sql"), "what is right is not told: {}", ran.out);
}

#[tokio::test]
async fn a_new_pack_works_at_once_and_is_a_system() {
    shared().create_database("packs_new").await.unwrap();
    let shell = shell(&shop(&shared().url("packs_new")));
    let made = run(&shell, "packs new shop", 0);
    let folder = shell.path(".config/opsdash/packs/shop").display().to_string();
    assert_eq!(made.out, format!("{folder}\n"));
    run(&shell, &format!("packs check {folder}"), 0);
    let ran = run(&shell, &format!("packs check {folder} --live"), 0);
    assert_eq!(ran.out, "shop: ok on shop, 2 questions, a row tried in 1 of 1 view\n");
    let ran = run(&shell, "show sessions --format csv", 0);
    assert!(ran.out.contains("opsdash_admin"), "{}", ran.out);
    run(&shell, "check sessions", 0);
    assert!(run(&shell, "packs new shop", 2).err.contains("already"));
    assert!(run(&shell, "packs new ../shop", 2).err.contains("no name"));
    let elsewhere = run(&shell, "packs new stall elsewhere", 0);
    assert_eq!(elsewhere.out, "elsewhere/stall\n");
    let ran = run(&shell, "packs check elsewhere/stall --live", 2);
    assert!(ran.err.contains("no target of the config has the system \"stall\""), "{}", ran.err);
    run(&shell, "packs check elsewhere/stall --live --target shop", 0);
}

#[tokio::test]
async fn what_only_the_server_knows_is_told_with_file_view_object_and_remedy() {
    shared().create_database("packs_broken").await.unwrap();
    let shell = shell(&shop(&shared().url("packs_broken")));
    run(&shell, "packs new shop", 0);
    let folder = shell.path(".config/opsdash/packs/shop");
    let file = |name: &str| folder.join(name).display().to_string();
    let (sql, toml) =
        (fs::read_to_string(file("sessions.sql")).unwrap(), fs::read_to_string(file("sessions.toml")).unwrap());
    let with_detail =
        format!("{toml}\n[detail]\nquery = \"sessions.detail.sql\"\n[[detail.column]]\nname = \"host\"\n");
    for (name, text, parts) in [
        (
            "sessions.sql",
            sql.replace("pg_stat_activity", "pg_stat_activty"),
            ["relation \"pg_stat_activty\" does not exist", "correct the query"],
        ),
        (
            "sessions.sql",
            sql.replace("AS login", "AS log_in"),
            ["it returns no column \"login\", which is a column of the view, only pid, log_in", "the view's TOML"],
        ),
        ("sessions.sql", sql.replace("a.pid,", "1 / 0 AS pid,"), ["division by zero", "psql"]),
        ("sessions.sql", sql.replace("AS severity", "AS severty"), ["severity", "correct"]),
    ] {
        fs::write(folder.join(name), text).unwrap();
        run(&shell, &format!("packs check {}", folder.display()), 0);
        let ran = run(&shell, "packs check --live", 2);
        assert!(ran.out.starts_with(&file(name)) && ran.out.contains(": view sessions: "), "{}", ran.out);
        for part in parts {
            assert!(ran.out.contains(part), "no {part} in\n{}", ran.out);
        }
        fs::write(folder.join("sessions.sql"), &sql).unwrap();
    }
    fs::write(folder.join("sessions.toml"), with_detail).unwrap();
    fs::write(folder.join("sessions.detail.sql"), "SELECT client_addr FROM pg_stat_activity WHERE pid = :key::int;\n")
        .unwrap();
    let ran = run(&shell, "packs check --live", 2);
    assert!(
        ran.out.contains("sessions.detail.sql: view sessions: ")
            && ran.out.contains("\"host\", which is a field of the detail, only client_addr"),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn a_source_that_does_not_answer_is_told_once() {
    let config = target("lab", "postgres://u@127.0.0.1:9/x", &mongod::shared().url("packs_silent"));
    let ran = run(&shell(&config), "packs check --live", 3);
    assert!(ran.out.starts_with("source main: unreachable: 127.0.0.1:9/x: "), "{}", ran.out);
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
}
