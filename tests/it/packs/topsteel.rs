//! `TopSteel`: a fleet of databases, and what is between them.

use opsdash_testbed::{sample::topsteel as sample, servers::postgres::PostgresServer, shell::Shell, sql};
use serde_json::Value as Json;

use crate::support::shell;

/// A login that may read every database but one.
const READER: &str = "topsteel_reader";

/// Where nothing listens: the discard port.
fn nowhere(database: &str) -> String {
    format!("postgres://nobody@127.0.0.1:9/{database}")
}

/// The sample on a server of its own: a family is what a whole server has.
async fn sample() -> PostgresServer {
    let server = PostgresServer::start().unwrap();
    sample::load(&server, jiff::Timestamp::now()).await.unwrap();
    server.run("postgres", &format!("CREATE ROLE {READER} LOGIN PASSWORD 'reader'")).await.unwrap();
    sample::grant_operator(&server, READER).await.unwrap();
    server
}

/// The program with the sample, but for these sources, which have other URLs.
fn shell_of(server: &PostgresServer, others: &[(&str, &str)]) -> Shell {
    let databases =
        [("auth", sample::AUTH), ("shared", sample::SHARED), ("origin", sample::ORIGIN), ("tenants", "postgres")];
    let source = |(name, database): (&str, &str)| {
        let other = others.iter().find(|(source, _)| *source == name);
        let url = other.map_or_else(|| server.url_of(READER, "reader", database), |(_, url)| (*url).to_owned());
        format!("[targets.topsteel.sources.{name}]\nurl = \"{url}\"\n")
    };
    let sources: String = databases.into_iter().map(source).collect();
    shell(&format!("[targets.topsteel]\nsystem = \"topsteel\"\n{sources}"))
}

async fn fleet() -> (PostgresServer, Shell) {
    let server = sample().await;
    let shell = shell_of(&server, &[]);
    (server, shell)
}

/// All rows of a view, as JSON, where what it is judged by may be out of reach.
fn shown(shell: &Shell, view: &str) -> Json {
    let ran = shell.run(&["show", view, "--format", "json", "--limit", "10000"]);
    assert!(matches!(ran.code, Some(0 | 3)), "{view}: {}{}", ran.out, ran.err);
    ran.json()
}

/// The one row with this value.
fn row(json: &Json, column: &str, value: &str) -> Json {
    let rows = json["rows"].as_array().unwrap();
    let found = rows.iter().find(|row| row["values"][column] == value);
    found.unwrap_or_else(|| panic!("no {column} = {value}: {json}")).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_between_databases_is_found_by_name_with_ids() {
    let (server, shell) = fleet().await;
    let told = |view: &str| shown(&shell, view);
    let fleet = told("fleet");
    assert_eq!(fleet["rows"].as_array().unwrap().len(), 15, "AUTH, SHARED and 13 of sociétés, no decoy: {fleet}");
    for (database, severity, reason) in [
        ("erp_topsteel_inox", "ok", ""),
        ("erp_topsteel_retard", "warn", "behind"),
        ("erp_topsteel_ecart", "warn", "schema_skew"),
        ("erp_topsteel_auth", "ok", ""),
    ] {
        let row = row(&fleet, "database", database);
        let told = (row["severity"].as_str(), row["reason"].as_str().unwrap_or_default());
        assert_eq!(told, (Some(severity), reason), "{row}");
    }
    let behind = row(&fleet, "database", "erp_topsteel_retard");
    assert_eq!(behind["values"]["migrations_behind"], 2, "{behind}");

    let societes = told("societes");
    for societe in ["Fantôme", "Sans Base"] {
        let row = row(&societes, "societe", societe);
        assert_eq!((row["severity"].as_str(), row["reason"].as_str()), (Some("crit"), Some("no_database")), "{row}");
    }
    let between = told("tenant_integrity");
    for (database, severity, reason) in [
        ("erp_topsteel_melange", "crit", "foreign_rows"),
        ("erp_topsteel_orpheline", "crit", "nobodys"),
        ("erp_topsteel_fermee", "crit", "nobodys"),
        ("erp_topsteel_inox", "ok", ""),
    ] {
        let row = row(&between, "database", database);
        assert_eq!(
            (row["severity"].as_str(), row["reason"].as_str().unwrap_or_default()),
            (Some(severity), reason),
            "{row}"
        );
    }
    let foreign = row(&between, "database", "erp_topsteel_melange");
    assert_eq!(foreign["values"]["foreign_rows"], 3, "{foreign}");
    let of_others =
        "SELECT societe_id::text || ' ' || id::text FROM commandes WHERE numero IN ('CMD-00003', 'CMD-00004')
        UNION ALL SELECT societe_id::text || ' ' || id::text FROM clients WHERE code = 'C0001'";
    for id in sql::column(&server.url("erp_topsteel_melange"), of_others).await.unwrap() {
        assert!(foreign["values"]["ids"].as_str().unwrap().contains(&id), "{id}: {foreign}");
    }
    // What the login may not read is one unknown row, and hides nothing else.
    let unread = row(&between, "database", "erp_topsteel_droits");
    assert_eq!(unread["severity"], "unknown", "{unread}");
    let of_nothing = row(&told("integrity"), "check_id", "user_of_nothing");
    assert_eq!((of_nothing["severity"].as_str(), &of_nothing["values"]["broken"]), (Some("crit"), &8.into()));
    let users = told("users");
    for id in of_nothing["values"]["ids"].as_array().unwrap() {
        let user = row(&users, "id", id.as_str().unwrap());
        assert_eq!(user["values"]["societes"], 0, "{user}");
    }
    // Everything that the pack asks, under each of its choices.
    let pack = opsdash_testbed::repository().join("packs/topsteel").display().to_string();
    let live = shell.run(&["packs", "check", &pack, "--live", "--target", "topsteel"]);
    assert_eq!(live.code, Some(0), "{}{}", live.out, live.err);
    assert_eq!(row(&told("parity"), "counter", "shared_materials")["values"]["in_origin"], 183);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_claimed_while_the_other_side_is_incomplete() {
    let server = sample().await;
    // Nobody tells which databases there are: what looks missing may be there.
    let societes = shown(&shell_of(&server, &[("tenants", &nowhere("postgres"))]), "societes");
    for societe in ["Fantôme", "Sans Base", "Inox du Rhône"] {
        let row = row(&societes, "societe", societe);
        assert_eq!((row["severity"].as_str(), &row["reason"]), (Some("unknown"), &Json::Null), "{row}");
    }
    // Nobody tells which sociétés there are: no database is nobody's, and no row another's.
    let between = shown(&shell_of(&server, &[("auth", &nowhere(sample::AUTH))]), "tenant_integrity");
    for database in ["erp_topsteel_melange", "erp_topsteel_orpheline", "erp_topsteel_inox", "erp_topsteel_droits"] {
        let row = row(&between, "database", database);
        assert_eq!(row["severity"], "unknown", "{row}");
    }
    // One database is silent: what all have together is not known.
    let parity = shown(&shell_of(&server, &[]), "parity");
    let clients = row(&parity, "counter", "clients");
    assert_eq!((&clients["values"]["total"], clients["severity"].as_str()), (&Json::Null, Some("ok")), "{clients}");
    // The others are behind whatever it has, and no database is called missing because it says nothing of itself.
    let whole = shell_of(&server, &[]);
    let secret = row(&shown(&whole, "societes"), "code", "SECRET");
    assert_eq!((secret["severity"].as_str(), &secret["reason"]), (Some("unknown"), &Json::Null), "{secret}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_societe_is_looked_up_and_the_rollback_says_what_it_destroys() {
    let (_server, shell) = fleet().await;
    for (asked, code, told) in [
        ("inox", 0, "served"),
        ("Fantôme", 1, "its database is not there"),
        ("SUSPENDUE", 1, "suspended"),
        ("SECRET", 3, "permission denied"),
        ("nemo", 4, "not found"),
    ] {
        let ran = shell.run(&["societe", asked]);
        let said = format!("{}{}", ran.out, ran.err).to_lowercase().replace('_', " ");
        assert_eq!(ran.code, Some(code), "{asked}: {said}");
        assert!(said.contains(told), "{asked}: {said}");
    }
    let rollback = shell.run(&["runbook", "rollback"]);
    assert_eq!(rollback.code, Some(0), "{}", rollback.err);
    let printed = rollback.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for told in ["DESTRUCTIVE", "npm run db:rollback", "all that was entered since the migration"] {
        assert!(printed.contains(told), "{told}: {printed}");
    }
    let doctor = shell.run(&["doctor"]);
    assert!(doctor.out.contains("contact technique"), "{}", doctor.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_looks_at_every_database_and_names_those_that_lack_something() {
    let (server, shell) = fleet().await;
    server.run("erp_topsteel_inox", "DROP TABLE stocks CASCADE").await.unwrap();
    server.run("erp_topsteel_melange", "DROP TABLE stocks CASCADE").await.unwrap();
    server.run("postgres", "REVOKE CONNECT ON DATABASE erp_topsteel_ecart FROM public").await.unwrap();
    let ran = shell.run(&["doctor", "--format", "json"]);
    let json = ran.json();
    let of_tenants: Vec<(&str, &str, &str)> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["source"] == "tenants")
        .map(|finding| ["severity", "subject", "found"].map(|name| finding[name].as_str().unwrap()).into())
        .collect();
    let has = |severity: &str, subject: &str, told: &[&str]| {
        of_tenants.iter().any(|(known, of, found)| {
            *known == severity && of.contains(subject) && told.iter().all(|text| found.contains(text))
        })
    };
    assert!(
        has("crit", "stocks", &["in 2 of 12 databases: erp_topsteel_inox, erp_topsteel_melange"]),
        "{of_tenants:#?}"
    );
    let silent = ["1 of 13 could not be asked (no privilege)", "erp_topsteel_ecart"];
    assert!(has("unknown", "databases", &silent), "{of_tenants:#?}");
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    let left = format!("SELECT count(*)::text FROM pg_stat_activity WHERE usename = '{READER}'");
    let mut outside = server.connect("postgres").await.unwrap();
    sql::wait_for(&mut outside, &left, "0").await.unwrap();
}
