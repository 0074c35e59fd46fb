//! What doctor makes of the facts of a SQL Server: its objects and constraints, and the login that writes.

use std::collections::BTreeMap;

use opsdash_pack::{
    language::{PackFiles, load},
    pack::{ObjectKind, OnDelete},
};

use super::*;
use crate::contract::{
    ConstraintState, DatabaseCatalog, FailureKind, FoundCheck, FoundColumn, FoundObject, FoundReference, FoundTable,
};

const PACK: &str = "title = \"Demo\"\nviews = [\"jobs\"]\n[[source]]\nname = \"main\"\nengine = \"sqlserver\"\n";
const JOBS: &str = r#"
title = "Jobs"
source = "main"
query = "jobs.sql"
row_key = ["id"]
[[column]]
name = "id"
[[action]]
id = "archive"
title = "Archive"
press = "a"
preview = "look.sql"
call = { procedure = "dbo.sp_archive", arguments = { id = { from = "key" } }, compare = ["owner"] }
confirm = { danger = "low" }
"#;
const SCHEMA: &str = r#"
[table.jobs]
check = ["state"]
[table.jobs.reference]
owner = { to = "people", on_delete = "cascade" }
[table.jobs.column]
id = { type = "int" }
state = { type = "nvarchar", write = true }
owner = { type = "int" }
token = { type = "nvarchar", secret = true }
[table.people.column]
id = { type = "int" }
[procedure.sp_archive]
schema = "dbo"
for = "archiving"
[procedure.sp_wipe]
[trigger.trg_jobs]
on = "jobs"
for = "the time of the last change"
[trigger.trg_read]
on = "jobs"
impossible = "nothing fires on a SELECT"
instead = "look at the log"
[view.vw_jobs]
"#;

fn pack() -> Pack {
    let sql = "SELECT 'ok' AS severity, NULL AS why, id FROM jobs ORDER BY id;";
    let look = "SELECT CAST(id AS nvarchar(40)) AS [key], CAST(owner AS nvarchar(40)) AS owner FROM jobs WHERE id IN (SELECT CAST(k.value AS int) FROM OPENJSON(:keys) AS k);";
    let files =
        [("pack.toml", PACK), ("jobs.toml", JOBS), ("schema.toml", SCHEMA), ("jobs.sql", sql), ("look.sql", look)];
    let files: BTreeMap<String, String> = files.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
    load(&[PackFiles { system: "demo".into(), origin: "packs/demo".into(), files }], &[]).unwrap()
}

fn table(name: &str, columns: &[(&str, &str)]) -> FoundTable {
    let column = |(name, kind): &(&str, &str)| FoundColumn {
        name: (*name).into(),
        kind: (*kind).into(),
        readable: *name != "token",
        ..FoundColumn::default()
    };
    FoundTable {
        schema: "dbo".into(),
        name: name.into(),
        usable: true,
        visible: true,
        readable: true,
        columns: columns.iter().map(column).collect(),
        ..FoundTable::default()
    }
}

fn object(kind: ObjectKind, name: &str) -> FoundObject {
    FoundObject {
        kind,
        schema: "dbo".into(),
        name: name.into(),
        on: (kind == ObjectKind::Trigger).then(|| "jobs".into()),
        disabled: false,
        usable: kind == ObjectKind::View,
        broken: None,
    }
}

/// A database as documented, as a login sees it that may read.
fn reader() -> DatabaseCatalog {
    let mut jobs = table("jobs", &[("id", "int"), ("state", "nvarchar"), ("owner", "int"), ("token", "nvarchar")]);
    jobs.checks = vec![FoundCheck { name: "CK_1".into(), columns: vec!["state".into()], state: ConstraintState::Kept }];
    jobs.references = vec![FoundReference {
        name: "FK_1".into(),
        columns: vec!["owner".into()],
        to: "people".into(),
        on_delete: Some(OnDelete::Cascade),
        state: ConstraintState::Kept,
    }];
    let objects = [
        (ObjectKind::Procedure, "sp_archive"),
        (ObjectKind::Procedure, "SP_Wipe"),
        (ObjectKind::Trigger, "trg_jobs"),
        (ObjectKind::View, "vw_jobs"),
    ];
    DatabaseCatalog {
        login: Some("reader".into()),
        tables: vec![jobs, table("people", &[("id", "int")])],
        objects: objects.map(|(kind, name)| object(kind, name)).into(),
        sees_definitions: true,
        ..DatabaseCatalog::default()
    }
}

/// The same, as the login sees it that writes.
fn writer() -> DatabaseCatalog {
    let mut catalog = DatabaseCatalog { login: Some("ops".into()), ..reader() };
    catalog.tables[0].columns[1].writable = true;
    catalog.objects[0].usable = true;
    catalog
}

fn examined(catalog: DatabaseCatalog, writer: Option<Result<DatabaseCatalog, Failure>>) -> Vec<Finding> {
    let facts = Facts { server: "SQL Server 2022".into(), version: Some(16), catalog, writer, ..Facts::default() };
    let pack = pack();
    examine(
        &pack,
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
#[track_caller]
fn of(findings: &[Finding], subject: &str) -> (Severity, String) {
    let found = findings.iter().find(|finding| finding.subject == subject);
    let found = found.unwrap_or_else(|| panic!("nothing of {subject} in {findings:#?}"));
    (found.severity, found.found.clone())
}

#[test]
fn what_is_as_documented_is_ok_and_what_cannot_exist_is_said_and_not_missed() {
    let findings = examined(reader(), Some(Ok(writer())));
    assert!(findings.iter().all(|finding| finding.severity == Severity::Ok), "{findings:#?}");
    assert_eq!(of(&findings, "objects").1, "2 procedures, 1 trigger, 1 view, as documented");
    assert_eq!(of(&findings, "constraints").1, "1 foreign key, 1 check, as documented");
    assert_eq!(of(&findings, "trigger trg_read").1, "cannot exist: nothing fires on a SELECT");
    assert_eq!(of(&findings, "writer ops").1, "may do what actions do, and nothing more");
}

#[test]
fn objects_and_constraints_that_are_missing_off_or_broken_are_told_each_with_its_fix() {
    let mut catalog = reader();
    catalog.objects.remove(1);
    catalog.objects[1].disabled = true;
    catalog.objects[2].broken = Some("Invalid column name 'x'.".into());
    catalog.tables[0].checks[0].state = ConstraintState::NotTrusted;
    catalog.tables[0].references[0].on_delete = Some(OnDelete::NoAction);
    let findings = examined(catalog, None);
    for (subject, severity, found) in [
        ("procedure sp_wipe", Severity::Crit, "is not there"),
        ("trigger trg_jobs", Severity::Crit, "is there, and switched off. It is for: the time of the last change"),
        ("view vw_jobs", Severity::Crit, "cannot be read: Invalid column name 'x'."),
        ("check jobs(state)", Severity::Warn, "is not trusted: the rows that were there before it may break it"),
        (
            "foreign key jobs(owner) -> people",
            Severity::Warn,
            "is ON DELETE NO ACTION, documented as ON DELETE CASCADE",
        ),
    ] {
        assert_eq!(of(&findings, subject), (severity, found.to_owned()));
    }
    assert!(findings.iter().filter(|it| it.severity != Severity::Ok).all(|it| !it.fix.is_empty()), "{findings:#?}");
    let mut catalog = reader();
    catalog.tables[0].references.clear();
    catalog.tables[0].checks.clear();
    let findings = examined(catalog, None);
    assert_eq!(of(&findings, "foreign key jobs(owner) -> people").0, Severity::Crit);
    assert_eq!(of(&findings, "check jobs(state)").0, Severity::Warn);
}

#[test]
fn what_a_login_does_not_see_is_not_called_missing() {
    let catalog = DatabaseCatalog { objects: Vec::new(), sees_definitions: false, ..reader() };
    let findings = examined(catalog, None);
    let (severity, found) = of(&findings, "objects");
    assert_eq!(severity, Severity::Warn);
    assert!(found.starts_with("not there, or not visible to this login: procedure sp_archive; "), "{found}");
    assert!(!findings.iter().any(|finding| finding.severity == Severity::Crit), "{findings:#?}");
}

#[test]
fn a_login_that_reads_and_may_write_or_call_is_critical_and_the_writers_own_is_not() {
    let findings = examined(writer(), Some(Ok(writer())));
    let (severity, found) = of(&findings, "login ops");
    assert_eq!(
        (severity, found.as_str()),
        (Severity::Crit, "may write: UPDATE of state on jobs; EXECUTE of sp_archive")
    );
    assert_eq!(of(&findings, "writer ops").0, Severity::Ok);
}

#[test]
fn a_writer_that_may_too_little_too_much_or_not_even_log_in_is_told() {
    let findings = examined(reader(), Some(Ok(reader())));
    let (severity, found) = of(&findings, "writer reader");
    assert_eq!(
        (severity, found.as_str()),
        (Severity::Crit, "may not write state of jobs; call sp_archive, so actions fail")
    );

    let mut much = writer();
    much.objects[1].usable = true;
    much.tables[0].columns[2].writable = true;
    much.tables[0].columns[3].readable = true;
    let (severity, found) = of(&examined(reader(), Some(Ok(much))), "writer ops");
    assert_eq!(severity, Severity::Warn);
    assert_eq!(found, "may do more than actions do: UPDATE of owner on jobs; EXECUTE of sp_wipe; SELECT of jobs.token");

    let owner = DatabaseCatalog { powers: vec!["is a member of db_owner".into()], ..writer() };
    let (severity, found) = of(&examined(reader(), Some(Ok(owner))), "writer ops");
    assert_eq!((severity, found.as_str()), (Severity::Warn, "may do more than actions do: is a member of db_owner"));

    let refused = Failure::new(FailureKind::Auth, "h/db: the server refused the login");
    let (severity, found) = of(&examined(reader(), Some(Err(refused))), "writer");
    assert_eq!((severity, found.as_str()), (Severity::Crit, "h/db: the server refused the login"));
}

#[test]
fn the_logins_that_grants_makes_may_read_views_see_objects_and_call_what_actions_call() {
    let printed = grants(&pack(), SourceId(0), None).unwrap();
    for said in [
        "GRANT SELECT ON \"vw_jobs\" TO opsdash_reader;",
        "GRANT VIEW DEFINITION TO opsdash_reader;",
        "GRANT SELECT ON \"vw_jobs\" TO opsdash_operator;",
        "GRANT UPDATE (\"state\") ON \"jobs\" TO opsdash_operator;",
        "GRANT EXECUTE ON \"dbo\".\"sp_archive\" TO opsdash_operator;",
        "DENY SELECT (\"token\") ON \"jobs\" TO opsdash_operator;",
    ] {
        assert!(printed.contains(said), "no {said} in\n{printed}");
    }
    for never in [
        "sp_wipe",
        "UPDATE (\"state\") ON \"jobs\" TO opsdash_reader",
        "EXECUTE ON \"dbo\".\"sp_archive\" TO opsdash_reader",
    ] {
        assert!(!printed.contains(never), "{never} in\n{printed}");
    }
}
