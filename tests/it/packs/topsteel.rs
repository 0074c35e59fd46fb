//! `TopSteel`: a fleet of databases, and what is between them.

use opsdash_testbed::{sample::topsteel as sample, servers::postgres::PostgresServer, shell::Shell};

use crate::support::shell;

/// A login that may read every database but one.
const READER: &str = "topsteel_reader";

/// The sample on a server of its own: a family is what a whole server has.
async fn fleet() -> (PostgresServer, Shell) {
    let server = PostgresServer::start().unwrap();
    sample::load(&server, jiff::Timestamp::now()).await.unwrap();
    server.run("postgres", &format!("CREATE ROLE {READER} LOGIN PASSWORD 'reader'")).await.unwrap();
    sample::grant_operator(&server, READER).await.unwrap();
    let source = |name: &str, database: &str| {
        format!("[targets.topsteel.sources.{name}]\nurl = \"{}\"\n", server.url_of(READER, "reader", database))
    };
    let sources: String = [
        source("auth", sample::AUTH),
        source("shared", sample::SHARED),
        source("origin", sample::ORIGIN),
        source("tenants", "postgres"),
    ]
    .concat();
    let shell = shell(&format!("[targets.topsteel]\nsystem = \"topsteel\"\n{sources}"));
    (server, shell)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_between_databases_is_found_by_name_with_ids() {
    let (_server, shell) = fleet().await;
    let told = |view: &str| {
        let ran = shell.run(&["show", view, "--format", "json", "--limit", "10000"]);
        assert!(matches!(ran.code, Some(0)), "{view}: {}{}", ran.out, ran.err);
        ran.json()
    };
    let row = |json: &serde_json::Value, column: &str, value: &str| {
        let rows = json["rows"].as_array().unwrap();
        let found = rows.iter().find(|row| row["values"][column] == value);
        found.unwrap_or_else(|| panic!("no {column} = {value}: {json}")).clone()
    };
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
    // What the login may not read is one unknown row, and hides nothing else.
    let unread = row(&between, "database", "erp_topsteel_droits");
    assert_eq!(unread["severity"], "unknown", "{unread}");
    assert_eq!(row(&told("integrity"), "check_id", "user_of_nothing")["values"]["broken"], 8);
    // Everything that the pack asks, under each of its choices.
    let pack = opsdash_testbed::repository().join("packs/topsteel").display().to_string();
    let live = shell.run(&["packs", "check", &pack, "--live", "--target", "topsteel"]);
    assert_eq!(live.code, Some(0), "{}{}", live.out, live.err);
    assert_eq!(row(&told("parity"), "counter", "shared_materials")["values"]["in_origin"], 183);
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
