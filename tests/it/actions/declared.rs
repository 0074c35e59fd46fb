//! Writes that a pack declares, on tables with every kind of name and type: raced, cut off, taken back, refused, and done by
//! the logins that `doctor` grants.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use opsdash::{
    runtime::action_task::{self, ActionContext, PreviewFor},
    store::audit::{Audit, AuditSubject},
};
use opsdash_core::{
    action::{ActionReport, Outcome, WritePlan, prepare},
    contract::{FailureKind, Within},
    doctor::grants,
};
use opsdash_pack::{
    language::{PackFiles, load},
    pack::{Pack, SourceId},
};
use opsdash_sources::Source;
use opsdash_testbed::{
    commit::{Cut, Cutter},
    servers::postgres::shared,
    sql,
};
use tempfile::TempDir;

use super::{done, failed, job_of, source, source_in};
use crate::support::{Lab, recorded};

const TABLES: &str = r#"
CREATE TYPE "Thing State" AS ENUM ('new', 'done', 'it''s \ odd');
CREATE TABLE "Things" (
    "Id" bigint PRIMARY KEY,
    "ownerName" varchar(20),
    state "Thing State" NOT NULL,
    "dueAt" timestamptz,
    "sampledAt" timestamp,
    score numeric(10, 3),
    tags text[],
    "order" text,
    details jsonb,
    raw json,
    hits integer NOT NULL DEFAULT 0,
    secret_hash text,
    "updatedAt" timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE plain (id uuid PRIMARY KEY, name text, hits bigint, lock_version integer);
INSERT INTO "Things" ("Id", "ownerName", state, "dueAt", "sampledAt", score, tags, "order", details, raw, secret_hash) VALUES
    (1, 'Ann', 'new', '2030-01-02 03:04:05.678901+02', '2030-01-02 03:04:05.000001', 'NaN', '{a,"b c",NULL}', 'x', '{"a": [1, null]}', '{"a":  1}', 's'),
    (2, NULL, 'new', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, '', 'done', 'infinity', '-infinity', 1.500, '{}', E'\\', '"text"', '"text"', 's'),
    (4, 'Bob', 'new', now(), now(), 0, '{}', '''', '[]', '[]', 's');
CREATE SCHEMA "Work Shop";
CREATE TABLE "Work Shop".plain (LIKE plain INCLUDING ALL);
INSERT INTO "Work Shop".plain VALUES ('00000000-0000-4000-8000-00000000000a', 'a', 9, 1), ('00000000-0000-4000-8000-00000000000b', 'b', 9, 1);
INSERT INTO plain VALUES ('00000000-0000-4000-8000-00000000000a', 'a', 7, 1), ('00000000-0000-4000-8000-00000000000b', NULL, 0, 1);
"#;

const PACK: &str = "title = \"Lab\"\nviews = [\"things\"]\n[[source]]\nname = \"main\"\nengine = \"postgresql\"\n";

const VIEW: &str = r#"
title = "Things"
source = "main"
query = "things.sql"
row_key = ["key"]
[[column]]
name = "key"

[[action]]
id = "change"
title = "Change everything"
press = "x"
rows = "many"
show = ["ownerName"]
when = { state = ["new", "done"] }
ask = [
    { name = "state", prompt = "State" }, { name = "due", prompt = "Due" }, { name = "score", prompt = "Score" },
    { name = "tags", prompt = "Tags" }, { name = "details", prompt = "Details" }, { name = "line", prompt = "Line" },
]
[action.update]
table = "Things"
key = "Id"
version = "updatedAt"
compare = ["ownerName", "sampledAt"]
[action.update.set]
state = { ask = "state" }
dueAt = { ask = "due" }
score = { ask = "score" }
tags = { ask = "tags" }
details = { ask = "details" }
raw = "[1,  2]"
order = { append = "line" }

[[action]]
id = "odd"
title = "Odd"
press = "o"
update = { table = "Things", key = "Id", set = { state = "it's \\ odd", ownerName = { from = "operator" }, sampledAt = { from = "now" }, dueAt = { from = "null" } }, compare = ["xmin"] }

[[action]]
id = "reset"
title = "Reset"
press = "i"
rows = "many"
update = { table = "Things", key = "Id", set = { hits = 0 }, compare = ["key"] }

[[action]]
id = "remove"
title = "Remove"
press = "X"
rows = "many"
show = ["ownerName", "order"]
delete = { table = "Things", key = "Id", compare = ["state", "updatedAt"] }

[[action]]
id = "count"
title = "Count"
press = "K"
rows = "many"
show = ["name"]
update = { table = "plain", key = "id", set = { hits = 42 }, version = "lock_version" }

[[action]]
id = "drop_plain"
title = "Drop"
press = "D"
delete = { table = "plain", key = "id", compare = ["xmin"] }
"#;

const SCHEMA: &str = r#"
[table.Things]
key = "Id"
[table.Things.column]
Id = { type = "bigint" }
ownerName = { type = "varchar" }
state = { labels = ["new", "done", "it's \\ odd"] }
dueAt = { type = "timestamptz" }
sampledAt = { type = "timestamp" }
score = { type = "numeric" }
order = { type = "text" }
details = { type = "jsonb" }
raw = { type = "json" }
hits = { type = "integer" }
secret_hash = { type = "text", secret = true }
updatedAt = { type = "timestamptz" }
tags = { type = "text" }

[table.plain]
key = "id"
[table.plain.column]
id = { type = "uuid" }
name = { type = "text" }
hits = { type = "bigint" }
lock_version = { type = "integer" }
"#;

/// A pack of declared writes, its tables in a database of their own, and logins as `doctor --grants` makes them.
struct Declared {
    database: String,
    pack: Pack,
    state: TempDir,
}

impl Declared {
    async fn new(database: &str) -> Self {
        Self::with(database, Some(SCHEMA)).await
    }

    async fn with(database: &str, schema: Option<&str>) -> Self {
        shared().create_database(database).await.unwrap();
        shared().run(database, TABLES).await.unwrap();
        let query = "SELECT 'ok' AS severity, '' AS why, \"Id\"::text AS key FROM \"Things\"".to_owned();
        let files = [("pack.toml", PACK.to_owned()), ("things.toml", VIEW.to_owned()), ("things.sql", query)];
        let files = files.into_iter().chain(schema.map(|schema| ("schema.toml", schema.to_owned())));
        let files: BTreeMap<String, String> = files.map(|(name, text)| (name.to_owned(), text)).collect();
        let pack = load(&[PackFiles { system: "lab".into(), origin: "packs/lab".into(), files }], &[])
            .unwrap_or_else(|problems| panic!("{problems}"));
        let text = grants(&pack, SourceId(0), None).unwrap();
        let text = text
            .replace("opsdash_reader", &format!("{database}_r"))
            .replace("opsdash_operator", &format!("{database}_o"));
        shared().run(database, &text).await.unwrap_or_else(|why| panic!("{why:#}\n{text}"));
        let passwords = ["r", "o"].map(|role| format!("ALTER ROLE {database}_{role} PASSWORD 'p';"));
        shared().run(database, &passwords.concat()).await.unwrap();
        Self { database: database.to_owned(), pack, state: tempfile::tempdir().unwrap() }
    }

    fn url(&self, role: &str) -> String {
        shared().url_of(&format!("{}_{role}", self.database), "p", &self.database)
    }

    fn operator(&self) -> Source {
        source(&self.url("o"))
    }

    fn reader(&self) -> Source {
        source(&self.url("r"))
    }

    fn audit(&self) -> Arc<Audit> {
        Arc::new(Audit::of(self.state.path()))
    }

    fn job(&self, action: &str) -> ActionContext<'_> {
        let view = &self.pack.views[0];
        let action = view.actions.iter().find(|found| found.id == action).unwrap();
        let subject = AuditSubject {
            operator: "ann o'neil".into(),
            label: None,
            target: "lab".into(),
            system: "lab".into(),
            view: view.id.clone(),
            action: action.id.clone(),
            title: action.title.clone(),
            scope: None,
            can_undo: action.undo.is_some(),
        };
        ActionContext { view, action, subject, within: Within::default(), work: Duration::from_secs(20) }
    }

    async fn prepare(&self, source: &Source, action: &str, keys: &[&str], asked: &[(&str, &str)]) -> WritePlan {
        let (job, keys) = (self.job(action), owned(keys));
        let looked = action_task::preview(source, &job, &keys, PreviewFor::Write).await;
        let looked = looked.unwrap_or_else(|why| panic!("{action}: {why:?}"));
        let asked = asked.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        prepare(job.action, &keys, looked, asked).unwrap_or_else(|refused| panic!("{action}: {refused:?}"))
    }

    async fn write(&self, source: &Source, action: &str, plan: &WritePlan) -> ActionReport {
        action_task::carry_out(source, &self.job(action), plan, &self.audit(), |_| {}).await
    }

    async fn undo(&self, source: &Source, action: &str, report: &ActionReport) -> ActionReport {
        action_task::take_back(source, &self.job(action), &report.done, &self.audit(), |_| {}).await
    }

    async fn column(&self, query: &str) -> Vec<String> {
        sql::column(&shared().url(&self.database), query).await.unwrap()
    }

    async fn run(&self, statements: &str) {
        shared().run(&self.database, statements).await.unwrap();
    }
}

fn owned(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

/// Every row of a table, whole, but for its version.
fn everything(table: &str) -> String {
    format!(
        "SELECT (to_jsonb(t) - 'updatedAt' - 'lock_version')::text || coalesce(to_jsonb(t)->>'raw', '') FROM {table} AS t ORDER BY 1"
    )
}

const THINGS: &str = r#""Things""#;
const A: &str = "00000000-0000-4000-8000-00000000000a";
const B: &str = "00000000-0000-4000-8000-00000000000b";

const ANSWERS: [(&str, &str); 6] = [
    ("state", "done"),
    ("due", "2031-05-06 07:08:09"),
    ("score", "12.3456"),
    ("tags", "{x,\"y, z\"}"),
    ("details", "{\"b\": \"it's\"}"),
    ("line", "two\nlines"),
];

#[tokio::test]
async fn every_type_is_seen_compared_written_and_put_back() {
    let lab = Declared::new("declared_types").await;
    let operator = lab.operator();
    let was = lab.column(&everything(THINGS)).await;
    let plan = lab.prepare(&operator, "change", &["1", "2", "3"], &ANSWERS).await;
    assert_eq!(plan.seen[0].get("owner_name"), Some(Some("Ann")));
    assert_eq!(plan.seen[0].get("score"), Some(Some("NaN")));
    assert_eq!(plan.seen[1].get("tags"), Some(None), "NULL is seen as NULL");
    let report = lab.write(&operator, "change", &plan).await;
    assert_eq!(done(&report), 3);
    let is = r#"SELECT concat_ws('|', state, "dueAt" AT TIME ZONE 'UTC', score, tags, details, raw, "order") FROM "Things" WHERE "Id" = 2"#;
    let today = lab.column("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')").await.remove(0);
    let expected = format!(
        "done|2031-05-06 07:08:09|12.346|{{x,\"y, z\"}}|{{\"b\": \"it's\"}}|[1,  2]|{today} ann o'neil: two\nlines"
    );
    assert_eq!(lab.column(is).await, [expected]);
    assert_ne!(lab.column(&everything(THINGS)).await, was);
    assert_eq!(done(&lab.undo(&operator, "change", &report).await), 3);
    assert_eq!(lab.column(&everything(THINGS)).await, was, "microseconds, NaN, NULL, arrays and documents come back");
    let again = failed(lab.undo(&operator, "change", &report).await);
    assert!(matches!(&again, Outcome::Changed(rows) if rows.len() == 3), "{again:?}");
    let plan = lab.prepare(&operator, "odd", &["1"], &[]).await;
    let report = lab.write(&operator, "odd", &plan).await;
    assert_eq!(done(&report), 1);
    let is = r#"SELECT concat_ws('|', state, "ownerName", "dueAt" IS NULL, "sampledAt" > LOCALTIMESTAMP - interval '1 minute') FROM "Things" WHERE "Id" = 1"#;
    assert_eq!(lab.column(is).await, ["it's \\ odd|ann o'neil|t|t"]);
    assert_eq!(done(&lab.undo(&operator, "odd", &report).await), 1);
    assert_eq!(lab.column(&everything(THINGS)).await, was);
}

#[tokio::test]
async fn the_version_is_set_by_the_write_and_by_its_undo() {
    let lab = Declared::new("declared_version").await;
    let operator = lab.operator();
    let version = format!("SELECT lock_version::text || ' ' || hits FROM plain WHERE id = '{A}'");
    let plan = lab.prepare(&operator, "count", &[A, B], &[]).await;
    let report = lab.write(&operator, "count", &plan).await;
    assert_eq!((done(&report), lab.column(&version).await), (2, vec!["2 42".to_owned()]));
    assert_eq!(done(&lab.undo(&operator, "count", &report).await), 2);
    assert_eq!(lab.column(&version).await, ["3 7"], "whoever looked in between notices");
    let stale = failed(lab.write(&operator, "count", &plan).await);
    assert!(matches!(&stale, Outcome::Changed(rows) if rows[0].why == "lock_version is 3, was 1"), "{stale:?}");
    let moved = r#"SELECT ("updatedAt" > now() - interval '1 minute')::text FROM "Things" WHERE "Id" = 4"#;
    lab.run(r#"UPDATE "Things" SET "updatedAt" = '2020-01-01'"#).await;
    let plan = lab.prepare(&operator, "change", &["4"], &ANSWERS).await;
    let report = lab.write(&operator, "change", &plan).await;
    assert_eq!(lab.column(moved).await, ["true"]);
    lab.run(r#"UPDATE "Things" SET "updatedAt" = '2020-01-01', "ownerName" = "ownerName""#).await;
    let late = failed(lab.undo(&operator, "change", &report).await);
    assert!(matches!(late, Outcome::Changed(_)), "the row is not as it was left: {late:?}");
}

#[tokio::test]
async fn whatever_changed_since_it_was_seen_is_named_and_nothing_is_written() {
    let lab = Declared::new("declared_changed").await;
    let operator = lab.operator();
    for (action, change, why) in [
        ("change", "score = 2", "score is 2.000, was NaN"),
        ("change", "tags = NULL", "tags is empty, was "),
        ("change", r#""ownerName" = 'Eve'"#, "owner_name is Eve, was Ann"),
        ("change", "details = '{}'", "details is {}, was "),
        ("change", r#""updatedAt" = '2020-01-01'"#, "updated_at is 2020-01-01 00:00:00+00, was "),
        ("odd", "hits = 5", "row_version is "),
        ("remove", "state = 'done'", "state is done, was new"),
    ] {
        let asked = if action == "change" { &ANSWERS[..] } else { &[] };
        let plan = lab.prepare(&operator, action, &["1"], asked).await;
        lab.run(&format!(r#"CREATE TABLE kept AS TABLE "Things"; UPDATE "Things" SET {change} WHERE "Id" = 1"#)).await;
        let was = lab.column(&everything(THINGS)).await;
        let outcome = failed(lab.write(&operator, action, &plan).await);
        let Outcome::Changed(rows) = &outcome else { panic!("{action} {change}: {outcome:?}") };
        assert!(rows[0].why.starts_with(why), "{action} {change}: {}", rows[0].why);
        assert_eq!(lab.column(&everything(THINGS)).await, was, "{action} {change}");
        lab.run(r#"TRUNCATE "Things"; INSERT INTO "Things" TABLE kept; DROP TABLE kept"#).await;
    }
    let plan = lab.prepare(&operator, "remove", &["1"], &[]).await;
    lab.run(r#"DELETE FROM "Things" WHERE "Id" = 1"#).await;
    let outcome = failed(lab.write(&operator, "remove", &plan).await);
    assert!(matches!(&outcome, Outcome::Changed(rows) if rows[0].why == "is gone"), "{outcome:?}");
    let keys = owned(&["no number", "99999"]);
    let none = action_task::preview(&operator, &lab.job("remove"), &keys, PreviewFor::Write).await.unwrap();
    assert_eq!(none, [], "a key of another form belongs to no row");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_writers_of_one_row_one_succeeds_and_the_other_is_told() {
    let lab = Declared::new("declared_races").await;
    let writers = [lab.operator(), lab.operator()];
    for round in 0..12 {
        let action = ["change", "odd", "count", "remove"][round % 4];
        let (key, asked) = match action {
            "change" => ("1", &ANSWERS[..]),
            "count" => (A, &[][..]),
            "odd" => ("4", &[][..]),
            _ => (["2", "3", "1"][round / 4], &[][..]),
        };
        let plan = lab.prepare(&writers[0], action, &[key], asked).await;
        let (first, second) =
            tokio::join!(lab.write(&writers[0], action, &plan), lab.write(&writers[1], action, &plan));
        let won = usize::from(first.failed.is_none()) + usize::from(second.failed.is_none());
        assert_eq!(won, 1, "{action}: {first:?} {second:?}");
        let lost = first.failed.or(second.failed).unwrap();
        assert!(matches!(lost, Outcome::Changed(_)), "{action}: {lost:?}");
        if action == "odd" {
            lab.run(r#"UPDATE "Things" SET state = 'new' WHERE "Id" = 4"#).await;
        }
    }
}

#[tokio::test]
async fn a_counter_that_moves_is_written_and_what_it_was_at_that_moment_comes_back() {
    let lab = Declared::new("declared_counter").await;
    let operator = lab.operator();
    lab.run(r#"UPDATE "Things" SET hits = 5"#).await;
    let plan = lab.prepare(&operator, "reset", &["1", "2"], &[]).await;
    lab.run(r#"UPDATE "Things" SET hits = hits + 2"#).await;
    let report = lab.write(&operator, "reset", &plan).await;
    assert_eq!(done(&report), 2);
    assert_eq!(report.done[0].get("before_hits"), Some(Some("7")), "not what was seen: what was there");
    assert_eq!(done(&lab.undo(&operator, "reset", &report).await), 2);
    assert_eq!(lab.column(r#"SELECT hits::text FROM "Things" ORDER BY "Id""#).await, ["7", "7", "7", "7"]);
    let plan = lab.prepare(&operator, "reset", &["1"], &[]).await;
    let report = lab.write(&operator, "reset", &plan).await;
    lab.run(r#"UPDATE "Things" SET hits = hits + 1"#).await;
    let late = failed(lab.undo(&operator, "reset", &report).await);
    assert!(matches!(&late, Outcome::Changed(rows) if rows[0].why == "hits is 1, was 0"), "{late:?}");
}

#[tokio::test]
async fn a_deleted_row_is_gone_recorded_and_cannot_come_back() {
    let lab = Declared::new("declared_delete").await;
    let operator = lab.operator();
    let plan = lab.prepare(&operator, "remove", &["1", "3"], &[]).await;
    let report = lab.write(&operator, "remove", &plan).await;
    assert_eq!(done(&report), 2);
    assert_eq!(lab.column(r#"SELECT "Id"::text FROM "Things" ORDER BY 1"#).await, ["2", "4"]);
    let lines = recorded(lab.state.path());
    let row = &lines[1]["rows"][0];
    assert_eq!((&row["before"]["owner_name"], &row["after"]), (&"Ann".into(), &serde_json::Value::Null), "{row}");
    let undo = failed(lab.undo(&operator, "remove", &report).await);
    assert!(undo.said().contains("cannot be undone"), "{undo:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_was_lost_is_told_truly_of_updates_and_deletes() {
    let lab = Declared::new("declared_lost").await;
    let direct = lab.operator();
    for (action, key, gone) in [("odd", "1", false), ("remove", "2", true)] {
        let is = format!(r#"SELECT count(*)::text FROM "Things" WHERE "Id" = {key} AND state = 'new'"#);
        for (cut, written) in [(Cut::Before, false), (Cut::After, true)] {
            let plan = lab.prepare(&direct, action, &[key], &[]).await;
            let cutter = Cutter::start(shared().port(), cut).await.unwrap();
            let broken = source(&cutter.through(&lab.url("o"), shared().port()));
            let report = lab.write(&broken, action, &plan).await;
            assert!(cutter.has_cut(), "{action} {cut:?}");
            assert_eq!(report.failed.is_none(), written, "{action} {cut:?}: {report:?}");
            if let Some(outcome) = &report.failed {
                assert!(matches!(outcome, Outcome::Failed(why) if why.kind == FailureKind::Unreachable), "{outcome:?}");
            }
            assert_eq!(lab.column(&is).await, [if written { "0" } else { "1" }], "{action} {cut:?} {gone}");
        }
    }
}

#[tokio::test]
async fn the_logins_that_doctor_grants_do_every_action_and_nothing_more() {
    for (database, schema) in [("declared_grants", Some(SCHEMA)), ("declared_bare", None)] {
        let lab = Declared::with(database, schema).await;
        let (operator, reader) = (lab.operator(), lab.reader());
        let all = [("change", "1"), ("odd", "1"), ("reset", "2"), ("count", A), ("remove", "3"), ("drop_plain", B)];
        // A version that is a number is one where the schema says so.
        for (action, key) in all.into_iter().filter(|(action, _)| schema.is_some() || *action != "count") {
            // A reader may see what would be done, and is told that it may not do it.
            let keys = owned(&[key]);
            let shown = action_task::preview(&reader, &lab.job(action), &keys, PreviewFor::Show).await;
            assert_eq!(shown.map(|rows| rows.len()).unwrap_or_default(), 1, "{database}: {action}");
            let refused = action_task::preview(&reader, &lab.job(action), &keys, PreviewFor::Write).await.unwrap_err();
            assert!(
                matches!(&refused, Outcome::Failed(why) if why.kind == FailureKind::Privilege),
                "{action}: {refused:?}"
            );
            let asked = if action == "change" { &ANSWERS[..] } else { &[] };
            let plan = lab.prepare(&operator, action, &[key], asked).await;
            assert_eq!(done(&lab.write(&operator, action, &plan).await), 1, "{database}: {action}");
        }
        for refused in [
            r#"UPDATE "Things" SET "Id" = 1"#,
            r#"UPDATE "Things" SET secret_hash = ''"#,
            "UPDATE plain SET name = ''",
            r#"SELECT secret_hash FROM "Things""#,
            "INSERT INTO plain (id) VALUES (gen_random_uuid())",
            r#"TRUNCATE "Things""#,
        ] {
            let why = sql::run(&lab.url("o"), refused).await.unwrap_err().to_string();
            assert!(why.contains("permission denied"), "{database}: {refused}: {why}");
        }
        for refused in [r#"UPDATE "Things" SET hits = 1"#, "DELETE FROM plain"] {
            assert!(sql::run(&lab.url("r"), refused).await.is_err(), "{database}: {refused}");
        }
        // One column less, and it is told before anybody is asked to confirm.
        lab.run(&format!(r#"REVOKE UPDATE (score) ON "Things" FROM {database}_o"#)).await;
        let keys = owned(&["1"]);
        let refused = action_task::preview(&operator, &lab.job("change"), &keys, PreviewFor::Write).await.unwrap_err();
        assert!(matches!(&refused, Outcome::Failed(why) if why.kind == FailureKind::Privilege), "{refused:?}");
    }
}

#[tokio::test]
async fn a_table_of_a_schema_of_its_own_is_seen_written_and_granted_there() {
    let schema = SCHEMA.replace("[table.plain]\n", "[table.plain]\nschema = \"Work Shop\"\n");
    let lab = Declared::with("declared_schema", Some(&schema)).await;
    let operator = lab.operator();
    let hits = |table: &str| format!("SELECT hits::text FROM {table} ORDER BY id");
    let others = lab.column(&hits("public.plain")).await;
    let plan = lab.prepare(&operator, "count", &[A], &[]).await;
    assert_eq!(plan.seen[0].get("hits"), Some(Some("9")));
    let report = lab.write(&operator, "count", &plan).await;
    assert_eq!((done(&report), lab.column(&hits("\"Work Shop\".plain")).await), (1, owned(&["42", "9"])));
    assert_eq!(done(&lab.undo(&operator, "count", &report).await), 1);
    let plan = lab.prepare(&operator, "drop_plain", &[B], &[]).await;
    assert_eq!(done(&lab.write(&operator, "drop_plain", &plan).await), 1);
    assert_eq!(lab.column(&hits("\"Work Shop\".plain")).await, ["9"]);
    assert_eq!(lab.column(&hits("public.plain")).await, others, "its namesake is left alone");
    let refused = sql::run(&lab.url("o"), "UPDATE public.plain SET hits = 1").await.unwrap_err().to_string();
    assert!(refused.contains("permission denied"), "{refused}");
}

#[tokio::test]
async fn an_undocumented_document_is_not_put_back_as_a_text() {
    let lab = Declared::with("declared_documents", None).await;
    let operator = lab.operator();
    let plan = lab.prepare(&operator, "change", &["1"], &ANSWERS).await;
    let report = lab.write(&operator, "change", &plan).await;
    assert_eq!(done(&report), 1);
    let refused = failed(lab.undo(&operator, "change", &report).await);
    assert!(matches!(refused, Outcome::Changed(_)), "{refused:?}");
}

#[tokio::test]
async fn a_condition_that_no_longer_holds_when_it_is_written_refuses_the_write() {
    let lab = Lab::new("declared_recheck").await;
    let operator = lab.operator();
    let job = job_of("licenses", "reinstate");
    let key = lab.one("SELECT id::text FROM licenses LIMIT 1").await;
    let set = |expires: &str| {
        format!(
            "UPDATE licenses SET status = 'REVOKED', \"expiresAt\" = LOCALTIMESTAMP + interval '{expires}' WHERE id = '{key}'"
        )
    };
    lab.run(&set("1 hour")).await;
    let prepared = lab.prepare(&operator, &job, std::slice::from_ref(&key), &[("status", "ACTIVE")]).await;
    // Its end has passed meanwhile; nobody wrote the row's version.
    lab.run(&set("-1 hour")).await;
    let outcome = failed(action_task::carry_out(&operator, &job, &prepared, &lab.audit(), |_| {}).await);
    let Outcome::Changed(rows) = &outcome else { panic!("{outcome:?}") };
    assert!(rows[0].why.starts_with("ended within the last day: "), "{}", rows[0].why);
    assert_eq!(lab.one(&format!("SELECT status::text FROM licenses WHERE id = '{key}'")).await, "REVOKED");
}

#[tokio::test]
async fn a_time_is_written_in_the_zone_of_the_sources_naive_times() {
    let lab = Declared::new("declared_zone").await;
    let paris = source_in(&lab.url("o"), Some("Pacific/Kiritimati"));
    let plan = lab.prepare(&paris, "odd", &["4"], &[]).await;
    let report = lab.write(&paris, "odd", &plan).await;
    assert_eq!(done(&report), 1);
    let ahead = r#"SELECT round(extract(epoch FROM "sampledAt" - now() AT TIME ZONE 'UTC') / 3600)::text FROM "Things" WHERE "Id" = 4"#;
    assert_eq!(lab.column(ahead).await, ["14"]);
    let late = ANSWERS.map(|(name, value)| if name == "due" { (name, "2031-01-01 00:00:00") } else { (name, value) });
    let plan = lab.prepare(&paris, "change", &["2"], &late).await;
    assert_eq!(done(&lab.write(&paris, "change", &plan).await), 1);
    let due = r#"SELECT ("dueAt" AT TIME ZONE 'UTC')::text FROM "Things" WHERE "Id" = 2"#;
    assert_eq!(lab.column(due).await, ["2030-12-31 10:00:00"]);
}
