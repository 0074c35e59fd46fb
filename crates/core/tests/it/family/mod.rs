//! Views of many databases: whom they ask, and what becomes of those that do not answer.

mod old;

use std::{collections::BTreeSet, sync::Arc};

use opsdash_core::{
    contract::{
        Answer, Content, Coverage, FailedMember, Failure, FailureKind, Members, NamedMember, Part, Question, RawRow,
        Table,
    },
    effect::Effect,
    msg::Msg,
    value::{RowKey, Severity, Value},
    view::header,
};
use opsdash_pack::{
    language::{self, PackFiles},
    pack::Pack,
};

use crate::support::{CRIT, FLOORS, Harness, OK, UNKNOWN, WARN, plain, table};

const PACK: &str = r#"
title = "Shop Floor"
views = ["fleet", "societes", "orders"]
[[source]]
name = "auth"
engine = "postgresql"
[[source]]
name = "tenants"
engine = "postgresql"
[source.family]
databases = ["shop_*"]
also = ["auth"]
kind = "tenant"
"#;

const FLEET: &str = r#"
title = "Fleet"
source = "tenants"
query = "fleet.sql"
row_key = ["database"]
attention = true
unreachable = { severity = "crit", reason = "gone" }
[reason.gone]
says = "{database} is out of reach: {finding}"
[[column]]
name = "database"
[[column]]
name = "size"
format = "int"
"#;

const SOCIETES: &str = r#"
title = "Societes"
source = "auth"
query = "societes.sql"
row_key = ["id"]
attention = true
[reason.no_database]
says = "there is no database {base}"
[[column]]
name = "id"
[[column]]
name = "base"
[[column]]
name = "size"
format = "int"
[[enrich]]
view = "fleet"
on = "base"
columns = ["size"]
missing = { severity = "crit", reason = "no_database" }
"#;

const ORDERS: &str = r#"
title = "Orders"
source = "tenants"
query = "orders.sql"
row_key = ["database", "id"]
kinds = ["tenant"]
[[column]]
name = "database"
[[column]]
name = "id"
[[column]]
name = "trend"
[[enrich]]
query = "orders.trend.sql"
columns = ["trend"]
[detail]
query = "orders.detail.sql"
"#;

fn pack() -> Arc<Pack> {
    pack_with(&[])
}

/// The pack, with these files in place of its own.
fn pack_with(others: &[(&str, &str)]) -> Arc<Pack> {
    let files = [
        ("pack.toml", PACK),
        ("fleet.toml", FLEET),
        ("fleet.sql", "SELECT 1"),
        ("societes.toml", SOCIETES),
        ("societes.sql", "SELECT 1"),
        ("orders.toml", ORDERS),
        ("orders.sql", "SELECT 1"),
        ("orders.trend.sql", "SELECT :keys::text[]"),
        ("orders.detail.sql", "SELECT :key::text"),
    ];
    let files = files.iter().chain(others).map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let layer = PackFiles { system: "shop".into(), origin: "packs/shop".into(), files };
    Arc::new(language::load(&[layer], &[]).unwrap_or_else(|problems| panic!("{problems}")))
}

fn harness() -> Harness {
    Harness::of(&pack(), &FLOORS, (140, 30))
}

/// A database that did not answer.
fn silent(name: &str, kind: &str, why: FailureKind) -> FailedMember {
    let failure = Failure::new(why, &format!("{name} does not answer"));
    FailedMember { name: name.into(), kind: kind.into(), label: None, failure }
}

fn fleet(names: &[&'static str]) -> Table {
    let row = |name: &&'static str| {
        (*name, OK, "", vec![Value::text(name), Value::text("tenant"), Value::Null, Value::Int(7)])
    };
    table(&["database", "kind", "label", "size"], names.iter().map(row).collect())
}

fn societes(rows: &[(&'static str, &str)]) -> Table {
    let row = |(id, base): &(&'static str, &str)| (*id, OK, "", vec![Value::text(id), Value::text(base)]);
    table(&["id", "base"], rows.iter().map(row).collect())
}

/// Answers the newest question of a panel of the family.
fn answer(harness: &mut Harness, view: &str, part: Part, table: Table, failed: Vec<FailedMember>) {
    let read = harness.take(view, part);
    let members = u32::try_from(table.rows.len() + failed.len()).unwrap();
    let text = |value: &Value| value.as_text().unwrap().to_owned();
    let of_row = |row: &RawRow| NamedMember { name: text(&row.cells[0]), kind: text(&row.cells[1]), label: None };
    let answered = table.rows.iter().map(of_row).collect();
    let answer = Answer {
        content: Content::Table(table),
        server_now: None,
        operators: None,
        took_ms: 4,
        rtt_ms: 1,
        coverage: Some(Coverage { members, answered, failed }),
    };
    let target = harness.model.at;
    harness.tell(Msg::Loaded { target, to: read.to, ticket: read.ticket, result: Ok(Box::new(answer)) });
}

fn severities(harness: &Harness, view: &str) -> Vec<(String, Severity, String)> {
    let rows = &harness.panel(view).default_snapshot().unwrap().rows;
    rows.iter().map(|row| (row.key.as_str().to_owned(), row.severity, row.why.to_string())).collect()
}

fn first_line(harness: &Harness) -> String {
    plain(&[header::line(&harness.model)]).remove(0)
}

#[test]
fn a_list_asks_all_of_its_kinds_and_a_row_its_own_database() {
    let mut harness = harness();
    assert_eq!(harness.take("fleet", Part::Summary).within.members, Members::All);
    harness.press("4");
    let list = harness.take("orders", Part::List);
    assert_eq!(list.within.members, Members::Kinds(BTreeSet::from(["tenant".to_owned()])));
    assert!(list.limits.patience_ms > 2 * list.limits.statement_ms, "many take longer than one");
    harness.asked.push(list);
    let key = RowKey::of(&["shop_a", "7"]);
    let cells = vec![Value::text("shop_a"), Value::text("tenant"), Value::Null, Value::text("7")];
    let orders = table(&["database", "kind", "label", "id"], vec![(key.as_str(), OK, "", cells)]);
    answer(&mut harness, "orders", Part::List, orders, Vec::new());
    let trend = harness.take("orders", Part::Enrich(0));
    assert_eq!(trend.within.members, Members::OfKeys(2));
    harness.press("Enter");
    harness.wait(200);
    let detail = harness.take("orders", Part::Detail);
    assert_eq!(detail.within.members, Members::Only(BTreeSet::from(["shop_a".to_owned()])));
    let Question::Statement { bind, .. } = &detail.question else { panic!("a statement") };
    assert_eq!(bind.values["key"], "7", "as it is in the database");
}

#[test]
fn each_database_that_fails_is_a_row_with_its_reason_and_counted() {
    let mut harness = harness();
    let gone = silent("shop_b", "tenant", FailureKind::Unreachable);
    let closed = silent("shop_c", "tenant", FailureKind::Privilege);
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a"]), vec![gone, closed]);
    let rows = severities(&harness, "fleet");
    assert_eq!(rows[0].0, "shop_b");
    assert_eq!((rows[0].1, rows[0].2.as_str()), (CRIT, "shop_b is out of reach: unreachable: shop_b does not answer"));
    assert_eq!((rows[1].1, rows[1].2.as_str()), (UNKNOWN, "no privilege: shop_c does not answer"));
    let counts = harness.panel("fleet").default_snapshot().unwrap().counts;
    assert_eq!((counts.crit, counts.unknown, counts.ok), (1, 1, 1));
    assert!(first_line(&harness).contains("tenants ● 1/3"), "{}", first_line(&harness));
    harness.wait(60_000);
    let gone = ["shop_b", "shop_d"].map(|name| silent(name, "tenant", FailureKind::Timeout));
    harness.other.clear();
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a", "shop_c"]), gone.into());
    assert!(harness.other.contains(&Effect::Bell), "one more is out of reach");
    harness.wait(60_000);
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a", "shop_c"]), Vec::new());
    assert_eq!(severities(&harness, "fleet").len(), 2, "a database that is dropped leaves no row");
    assert!(first_line(&harness).contains("2/2"), "{}", first_line(&harness));
}

#[test]
fn a_database_that_fails_says_why_also_where_sentences_wait_for_another_view() {
    let joined = "[reason.large]\nsays = \"in a database of {size}\"\n[[column]]\nname = \"size\"\n[[enrich]]\nview = \
                  \"fleet\"\non = \"database\"\ncolumns = [\"size\"]\n";
    let pack = pack_with(&[
        ("orders.toml", &ORDERS.replace("[detail]", &format!("{joined}[detail]"))),
        ("orders.sql", "SELECT 'large' AS reason"),
    ]);
    let mut harness = Harness::of(&pack, &FLOORS, (140, 30));
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a"]), Vec::new());
    harness.press("4");
    let closed = silent("shop_a", "tenant", FailureKind::Privilege);
    answer(&mut harness, "orders", Part::List, table(&["database", "kind", "label", "id"], Vec::new()), vec![closed]);
    let expected = (UNKNOWN, "no privilege: shop_a does not answer".to_owned());
    let rows = severities(&harness, "orders");
    assert_eq!((rows[0].1, rows[0].2.clone()), expected, "{rows:?}");
}

#[test]
fn a_row_that_another_view_lacks_is_found_once_that_one_is_complete() {
    let mut harness = harness();
    harness.answer("societes", Part::Summary, societes(&[("1", "shop_a"), ("2", "shop_x")]));
    let of_2 = |harness: &Harness| {
        let rows = severities(harness, "societes");
        rows.into_iter().find(|(key, ..)| key == "2").map(|(_, severity, why)| (severity, why)).unwrap()
    };
    assert_eq!(of_2(&harness).0, UNKNOWN, "nothing is known of databases yet");
    let server = silent("db2:5432", "", FailureKind::Unreachable);
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a"]), vec![server]);
    assert_eq!(of_2(&harness).0, UNKNOWN, "it may be on the server that told nothing");
    assert!(of_2(&harness).1.contains("1/2 databases answered"), "{}", of_2(&harness).1);
    harness.wait(60_000);
    let tenant = silent("shop_b", "tenant", FailureKind::Unreachable);
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a"]), vec![tenant]);
    assert_eq!(of_2(&harness), (CRIT, "there is no database shop_x".into()), "the list of databases is complete");
    assert_eq!(severities(&harness, "societes").iter().find(|row| row.0 == "1").unwrap().1, OK);
    harness.wait(60_000);
    harness.fail("fleet", Part::Summary, FailureKind::Unreachable);
    assert_eq!(of_2(&harness).0, UNKNOWN, "what was missing may be there by now");
}

#[test]
fn a_database_that_fails_a_question_about_a_row_makes_no_other_row_old() {
    let mut harness = harness();
    answer(&mut harness, "fleet", Part::Summary, fleet(&["shop_a", "shop_b"]), Vec::new());
    harness.press("2");
    answer(&mut harness, "fleet", Part::List, fleet(&["shop_a", "shop_b"]), Vec::new());
    harness.press("4");
    let key = RowKey::of(&["shop_a", "7"]);
    let cells = vec![Value::text("shop_a"), Value::text("tenant"), Value::Null, Value::text("7")];
    let orders = table(&["database", "kind", "label", "id"], vec![(key.as_str(), WARN, "", cells)]);
    answer(&mut harness, "orders", Part::List, orders, Vec::new());
    harness.press("Enter");
    harness.wait(200);
    harness.fail("orders", Part::Detail, FailureKind::Unreachable);
    assert!(harness.panel("fleet").failure().is_none() && harness.panel("orders").failure().is_none());
    assert!(harness.model.target().sources[1].trouble.is_none());
}

const MIGRATIONS: &str = r#"
[reason.skew]
says = "its schema is {hash}, most have {usual}"
[reason.behind]
says = "{behind} {behind|migration|migrations} behind"
[reason.differs]
says = "{total} rows, {to} in the source"
[[column]]
name = "kind"
[[column]]
name = "hash"
[[column]]
name = "usual"
[[column]]
name = "applied"
format = "int"
[[column]]
name = "behind"
format = "int"
[[column]]
name = "rows"
format = "int"
[[column]]
name = "to"
format = "int"
[[column]]
name = "total"
format = "int"
[[across]]
column = "hash"
rule = "majority"
per = "kind"
fills = "usual"
severity = "warn"
reason = "skew"
[[across]]
column = "applied"
rule = "newest"
per = "kind"
behind = "behind"
severity = "warn"
reason = "behind"
[[across]]
column = "rows"
rule = "sum"
to = "to"
fills = "total"
severity = "crit"
reason = "differs"
"#;

/// Name, kind, hash, migrations, rows, and what the rows should be in all.
type Compared<'a> = (&'static str, &'a str, Option<&'a str>, i64, i64, Option<i64>);

/// A fleet whose rows are compared.
fn compared(rows: &[Compared<'_>]) -> Table {
    let row = |(name, kind, hash, applied, rows, to): &Compared<'_>| {
        let cells = vec![
            Value::text(name),
            Value::text(kind),
            Value::Null,
            Value::Int(7),
            hash.map_or(Value::Null, Value::text),
            Value::Int(*applied),
            Value::Int(*rows),
            to.map_or(Value::Null, Value::Int),
        ];
        (*name, OK, "", cells)
    };
    let columns = ["database", "kind", "label", "size", "hash", "applied", "rows", "to"];
    table(&columns, rows.iter().map(row).collect())
}

fn comparing() -> Harness {
    let pack = pack_with(&[("fleet.toml", &format!("{FLEET}{MIGRATIONS}"))]);
    Harness::of(&pack, &FLOORS, (140, 30))
}

fn why(harness: &Harness, key: &str) -> (Severity, String) {
    let rows = severities(harness, "fleet");
    rows.into_iter().find(|row| row.0 == key).map(|(_, severity, why)| (severity, why)).unwrap()
}

#[test]
fn a_row_that_is_not_as_most_are_differs_and_without_a_majority_all_do() {
    let mut harness = comparing();
    let rows = [
        ("a", "tenant", Some("x"), 5, 1, None),
        ("b", "tenant", Some("x"), 5, 1, None),
        ("c", "tenant", None, 5, 1, None),
        ("auth", "auth", Some("z"), 9, 1, None),
    ];
    let silent = silent("d", "tenant", FailureKind::Privilege);
    answer(&mut harness, "fleet", Part::Summary, compared(&rows), vec![silent.clone()]);
    assert_eq!(why(&harness, "c"), (WARN, "its schema is -, most have x".into()), "NULL is a value");
    assert_eq!((why(&harness, "a").0, why(&harness, "auth").0), (OK, OK), "each kind for itself");
    assert_eq!(why(&harness, "d").0, UNKNOWN, "who did not answer takes no part");
    let counts = harness.panel("fleet").default_snapshot().unwrap().counts;
    assert_eq!((counts.warn, counts.ok, counts.unknown), (1, 3, 1));
    harness.wait(60_000);
    answer(&mut harness, "fleet", Part::Summary, compared(&[rows[0], ("b", "tenant", Some("y"), 5, 1, None)]), vec![]);
    assert_eq!((why(&harness, "a").0, why(&harness, "b").0), (WARN, WARN), "half is no majority");
}

#[test]
fn of_migrations_the_newest_wins_and_a_sum_is_held_against_its_source() {
    let mut harness = comparing();
    let rows = [("a", "tenant", Some("x"), 5, 3, Some(5)), ("b", "tenant", Some("x"), 3, 2, Some(5))];
    answer(&mut harness, "fleet", Part::Summary, compared(&rows), Vec::new());
    assert_eq!(why(&harness, "b"), (WARN, "2 migrations behind".into()));
    assert_eq!(why(&harness, "a").0, OK, "3 and 2 are the 5 that there should be");
    harness.wait(60_000);
    let rows = rows.map(|row| (row.0, row.1, row.2, 5, row.4, Some(6)));
    answer(&mut harness, "fleet", Part::Summary, compared(&rows), Vec::new());
    assert_eq!(why(&harness, "a"), (CRIT, "5 rows, 6 in the source".into()));
    harness.wait(60_000);
    let silent = silent("d", "tenant", FailureKind::Privilege);
    answer(&mut harness, "fleet", Part::Summary, compared(&rows), vec![silent]);
    assert_eq!(why(&harness, "a").0, OK, "while one is silent the sum is not known");
}

#[test]
fn what_is_narrowed_is_compared_with_the_whole_and_a_part_with_nothing() {
    let mut harness = comparing();
    let rows = [("a", "tenant", Some("x"), 5, 1, None), ("b", "tenant", Some("x"), 5, 1, None)];
    let part = Table { truncated: true, ..compared(&rows) };
    answer(&mut harness, "fleet", Part::Summary, part, Vec::new());
    assert_eq!(why(&harness, "a").0, UNKNOWN);
    assert!(why(&harness, "a").1.contains("not all rows are loaded"), "{}", why(&harness, "a").1);
}

#[test]
fn of_texts_the_newest_is_the_one_that_lists_sort_last() {
    let rule = MIGRATIONS.replace("rule = \"majority\"", "rule = \"newest\"");
    let pack = pack_with(&[("fleet.toml", &format!("{FLEET}{rule}"))]);
    let mut harness = Harness::of(&pack, &FLOORS, (140, 30));
    let rows = [("a", "tenant", Some("v1.10"), 5, 1, None), ("b", "tenant", Some("v1.9"), 5, 1, None)];
    answer(&mut harness, "fleet", Part::Summary, compared(&rows), Vec::new());
    assert_eq!(why(&harness, "a").0, OK);
    assert_eq!(why(&harness, "b"), (WARN, "its schema is v1.9, most have v1.10".into()));
}
