//! What is made of facts; that the facts are right, tests on real servers show.

use std::collections::BTreeMap;

use opsdash_pack::language::{PackFiles, load};

use super::*;
use crate::contract::{DatabaseCatalog, FailureKind, FoundColumn, FoundIndex, FoundTable, Transport};

const PACK: &str = "title = \"Demo\"\nviews = [\"jobs\"]\n[[source]]\nname = \"main\"\nengine = \"postgresql\"\n";
const JOBS: &str =
    "title = \"Jobs\"\nsource = \"main\"\nquery = \"jobs.sql\"\nrow_key = [\"id\"]\n[[column]]\nname = \"id\"\n";
const SCHEMA: &str = r#"
[source.main]
version = "15"
clock = "jobs.startedAt"
[table.jobs]
key = "id"
index = ["state, startedAt DESC"]
[[table.jobs.worth]]
index = "startedAt WHERE NOT done"
why = "faster"
[table.jobs.column]
id = { type = "uuid" }
state = { labels = ["NEW", "DONE"] }
startedAt = { type = "timestamp" }
done = { type = "boolean", write = true }
"#;

pub(super) fn pack() -> Pack {
    with_schema(SCHEMA)
}

fn with_schema(schema: &str) -> Pack {
    let sql = "SELECT 'ok' AS severity, '' AS why, id FROM jobs ORDER BY \"startedAt\"";
    let files = [("pack.toml", PACK), ("jobs.toml", JOBS), ("schema.toml", schema), ("jobs.sql", sql)];
    let files: BTreeMap<String, String> = files.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
    load(&[PackFiles { system: "demo".into(), origin: "packs/demo".into(), files }], &[]).unwrap()
}

fn index(columns: &[(&str, bool)], unique: bool, predicate: Option<&str>) -> FoundIndex {
    FoundIndex {
        name: "hashed".into(),
        columns: columns.iter().map(|(name, down)| (Some((*name).into()), *down)).collect(),
        unique,
        valid: true,
        predicate: predicate.map(str::to_owned),
    }
}

fn jobs() -> FoundTable {
    let column = |name: &str, kind: &str| FoundColumn {
        name: name.into(),
        kind: kind.into(),
        labels: (name == "state").then(|| vec!["NEW".into(), "DONE".into()]),
        readable: true,
        writable: false,
    };
    FoundTable {
        schema: "public".into(),
        name: "jobs".into(),
        usable: true,
        visible: true,
        readable: true,
        policies: None,
        partitioned: false,
        writes: Vec::new(),
        columns: vec![
            column("id", "uuid"),
            column("state", "state"),
            column("startedAt", "timestamp"),
            column("done", "bool"),
        ],
        indexes: vec![
            index(&[("id", false)], true, None),
            index(&[("state", false), ("startedAt", true)], false, None),
            index(&[("startedAt", false)], false, Some("(done = false)")),
        ],
        ..FoundTable::default()
    }
}

fn facts() -> Facts {
    let catalog = DatabaseCatalog { login: Some("reader".into()), tables: vec![jobs()], ..DatabaseCatalog::default() };
    Facts {
        server: "PostgreSQL 15.1".into(),
        version: Some(15),
        ahead_ms: Some(3),
        newest_ahead_ms: Some(-900),
        catalog,
        ..Facts::default()
    }
}

fn examined(facts: Facts) -> Vec<Finding> {
    examined_with(&pack(), facts)
}

fn examined_with(pack: &Pack, facts: Facts) -> Vec<Finding> {
    examine(
        pack,
        &Inspected {
            source: SourceId(0),
            outcome: Ok(facts),
            has_default_password: false,
            scopes: None,
            members: None,
        },
    )
}

/// Severity and what was found of a subject.
fn of(findings: &[Finding], subject: &str) -> (Severity, String) {
    let found = findings.iter().find(|finding| finding.subject == subject);
    let found = found.unwrap_or_else(|| panic!("nothing of {subject} in {findings:#?}"));
    (found.severity, found.found.clone())
}

#[test]
fn facts_that_fit_are_ok_and_have_nothing_to_mend() {
    for finding in examined(facts()) {
        assert_eq!((finding.severity, finding.fix.as_str()), (Severity::Ok, ""), "{finding:?}");
    }
}

#[test]
fn times_off_by_whole_hours_show_a_wrong_zone() {
    let hour = 3_600_000;
    for (ahead, severity, part) in [
        (-60_000, Severity::Ok, "of now"),
        (-hour - 60_000, Severity::Warn, "close to whole hours"),
        (-5 * hour - hour / 2, Severity::Warn, "close to whole hours"),
        (2 * hour, Severity::Warn, "ahead"),
        (20 * 60_000, Severity::Warn, "ahead"),
        (-20 * 60_000, Severity::Ok, "the newest is 20m"),
        (-20 * hour, Severity::Ok, "the newest is 20h"),
    ] {
        let found = of(&examined(Facts { newest_ahead_ms: Some(ahead), ..facts() }), "time jobs.startedAt");
        assert!(found.0 == severity && found.1.contains(part), "{ahead}: {found:?}");
    }
}

#[test]
fn the_way_to_the_server_and_its_clock_are_judged() {
    let asked = || "sslmode=prefer".to_owned();
    let over = |transport| of(&examined(Facts { transport, ..facts() }), "TLS").0;
    assert_eq!(over(Transport::Plain { asked: asked() }), Severity::Warn);
    assert_eq!(over(Transport::Tls { asked: asked(), verified: false }), Severity::Warn);
    assert_eq!(over(Transport::Tls { asked: asked(), verified: true }), Severity::Ok);
    let behind = of(&examined(Facts { ahead_ms: Some(-61_000), ..facts() }), "clock");
    assert_eq!(behind, (Severity::Warn, "the server's is 1m 01s behind this machine's".into()));
    assert_eq!(of(&examined(Facts { rtt_us: 800_000, ..facts() }), "round trip").0, Severity::Warn);
    let too_old = of(&examined(Facts { version: Some(12), ..facts() }), "server version");
    assert_eq!(too_old, (Severity::Warn, "PostgreSQL 12 is older than 13, the oldest that opsdash serves".into()));
    let old = Facts { version: Some(14), ..facts() };
    assert!(examined(old).iter().any(|finding| finding.is_hint() && finding.subject == "server version"));
}

#[test]
fn indexes_are_told_by_their_columns_directions_and_conditions() {
    let with = |indexes: Vec<FoundIndex>| {
        let mut facts = facts();
        facts.catalog.tables[0].indexes.splice(1.., indexes);
        examined(facts)
    };
    let documented = "index jobs(state, startedAt DESC)";
    let is_missing = |findings: &[Finding]| findings.iter().any(|finding| finding.subject == documented);
    assert!(!is_missing(&with(vec![index(&[("state", true), ("startedAt", false)], false, None)])), "read backwards");
    assert!(is_missing(&with(vec![index(&[("state", false), ("startedAt", false)], false, None)])), "neither way");
    assert!(is_missing(&with(vec![index(&[("startedAt", true), ("state", false)], false, None)])), "another order");
    let partial = with(vec![index(&[("state", false), ("startedAt", true)], false, Some("done"))]);
    assert!(is_missing(&partial), "of some rows");
    let broken = FoundIndex { valid: false, ..index(&[("state", false), ("startedAt", true)], false, None) };
    assert!(of(&with(vec![broken]), documented).1.contains("invalid"));
    let worth =
        with(vec![]).into_iter().find(|finding| finding.subject == "index jobs(startedAt) WHERE NOT done").unwrap();
    assert_eq!(worth.fix, r#"CREATE INDEX CONCURRENTLY ON "jobs" ("startedAt") WHERE NOT done"#);
    assert!(worth.is_hint());
}

#[test]
fn what_only_asks_for_reading_is_crit_where_nothing_else_holds_a_login_back() {
    let superuser = || {
        let mut facts = facts();
        facts.catalog.powers = vec!["is a superuser".into()];
        facts
    };
    let mut pack = pack();
    let inspected = Inspected {
        source: SourceId(0),
        outcome: Ok(superuser()),
        has_default_password: false,
        scopes: None,
        members: None,
    };
    assert_eq!(of(&examine(&pack, &inspected), "login reader").0, Severity::Warn);
    pack.sources[0].engine = Engine::MongoDb;
    assert_eq!(of(&examine(&pack, &inspected), "login reader").0, Severity::Crit);
}

#[test]
fn an_operator_may_write_what_actions_write_and_nothing_else() {
    let writing = |name: &str| {
        let mut facts = facts();
        let columns = &mut facts.catalog.tables[0].columns;
        columns.iter_mut().find(|column| column.name == name).unwrap().writable = true;
        examined(facts)
    };
    assert!(of(&writing("done"), "login").1.contains("writes 1 column that"));
    assert_eq!(of(&writing("state"), "login reader"), (Severity::Warn, "may write: UPDATE of state on jobs".into()));
}

#[test]
fn a_password_from_a_document_and_a_server_that_is_away_are_crit() {
    let failure = Failure::new(FailureKind::Unreachable, "db:5432: refused");
    let inspected = Inspected {
        source: SourceId(0),
        outcome: Err(failure),
        has_default_password: true,
        scopes: None,
        members: None,
    };
    let findings = examine(&pack(), &inspected);
    assert_eq!(findings.len(), 2);
    assert!(findings.iter().all(|finding| finding.severity == Severity::Crit && !finding.fix.is_empty()));
}

#[test]
fn names_from_a_server_cannot_act_on_a_terminal() {
    let mut facts = facts();
    facts.catalog.tables[0].columns[2].name = "\u{1b}[31m\u{202e}".into();
    facts.catalog.login = Some("\u{9b}reader\n".into());
    for finding in examined(facts) {
        let text = format!("{}{}{}", finding.subject, finding.found, finding.fix);
        assert!(text.chars().all(|c| crate::text::is_inert(c) && c != '\n'), "{text:?}");
    }
}

#[test]
fn a_login_is_asked_for_the_columns_that_are_listed_and_read_and_for_no_other() {
    let without = |name: &str, kind: &str| {
        let mut facts = facts();
        let columns = &mut facts.catalog.tables[0].columns;
        columns.retain(|column| column.name != name);
        let hidden = FoundColumn { name: name.into(), kind: kind.into(), readable: false, ..columns[0].clone() };
        columns.push(hidden);
        examined(facts)
    };
    for finding in without("contact", "text") {
        assert_eq!(finding.severity, Severity::Ok, "{finding:?}");
    }
    let listed = without("done", "bool");
    assert_eq!(of(&listed, "table jobs"), (Severity::Crit, "this login may not read done".into()));
    let fix = &listed.iter().find(|finding| finding.subject == "table jobs").unwrap().fix;
    assert!(fix.starts_with("GRANT SELECT (\"done\") ON \"jobs\" to this login"), "{fix}");
    // The view's query names it, and the schema does not list it.
    let read = without("severity", "text");
    let (severity, found) = of(&read, "table jobs");
    assert!(severity == Severity::Warn && found.contains("severity") && found.contains("jobs.sql"), "{found}");
}

#[test]
fn a_table_of_another_schema_is_found_there_and_granted_there() {
    let pack = with_schema(&SCHEMA.replacen("[table.jobs]", "[table.jobs]\nschema = \"Crm\"", 1));
    let of_schema = |schema: &str| {
        let mut facts = facts();
        facts.catalog.tables[0].schema = schema.into();
        facts.catalog.tables[0].visible = false;
        facts.catalog.tables[0].indexes.pop();
        examined_with(&pack, facts)
    };
    let found = of_schema("Crm");
    assert!(found.iter().all(|finding| finding.severity == Severity::Ok), "{found:?}");
    let worth = found.iter().find(|finding| finding.subject.starts_with("index jobs")).unwrap();
    assert!(worth.fix.contains("ON \"Crm\".\"jobs\" (\"startedAt\")"), "{}", worth.fix);
    assert!(of_schema("public").iter().any(|finding| finding.found.contains("none of the 1 documented table")));
    let grants = grants(&pack, SourceId(0), None).unwrap();
    for part in [
        "GRANT USAGE ON SCHEMA \"Crm\" TO opsdash_reader;\n",
        "REVOKE ALL ON \"Crm\".\"jobs\" FROM opsdash_reader;\n",
        "GRANT SELECT ON \"Crm\".\"jobs\" TO opsdash_operator;\n",
        "GRANT UPDATE (\"done\") ON \"Crm\".\"jobs\" TO opsdash_operator;\n",
    ] {
        assert!(grants.contains(part), "no {part} in\n{grants}");
    }
    assert!(!grants.contains("current_schema()"), "{grants}");
}

#[test]
fn a_table_that_is_documented_with_partitions_and_has_none_is_told() {
    let pack = with_schema(&SCHEMA.replacen("[table.jobs]\n", "[table.jobs]\npartitioned = true\n", 1));
    let (severity, found) = of(&examined_with(&pack, facts()), "table jobs");
    assert!(severity == Severity::Warn && found.contains("no partitions"), "{found}");
    let mut made = facts();
    made.catalog.tables[0].partitioned = true;
    assert!(examined_with(&pack, made).iter().all(|finding| finding.subject != "table jobs"));
}

#[test]
fn a_source_that_the_target_leaves_out_is_no_trouble() {
    let failure = Failure::new(FailureKind::NotConfigured, "the target lab has no source \"main\"");
    let inspected = Inspected {
        source: SourceId(0),
        outcome: Err(failure),
        has_default_password: false,
        scopes: None,
        members: None,
    };
    let findings = examine(&pack(), &inspected);
    assert!(findings.len() == 1 && findings[0].is_hint(), "{findings:?}");
}
