//! Logins made by the statements that `doctor --grants` prints: what they may do and what they may not.

use std::{path::Path, sync::Arc};

use opsdash::{packs, settings::Environment};
use opsdash_core::{
    contract::{Read, ResultShape},
    value::RowKey,
};
use opsdash_pack::{
    config::Secret,
    pack::{Engine, EnrichBy, Pack, Statement, View},
};
use opsdash_sources::Source;
use opsdash_testbed::{
    reads,
    sql::{column, run},
};

use super::{LOGINS, doctor, fresh_database, make_logins, of_postgres, operator, reader};
use crate::support::lab;

/// Every statement of the pack's PostgreSQL views, the shared ones among them, and of each the view that it is of.
pub fn statements(pack: &Pack) -> Vec<(&View, Arc<Statement>)> {
    let of_view = |view| -> Vec<(&View, Arc<Statement>)> {
        let view: &View = view;
        let enrich = view.enrich.iter().filter_map(|enrich| match &enrich.by {
            EnrichBy::Query(query) => Some(query.clone()),
            EnrichBy::View { .. } => None,
        });
        let detail = view.detail.iter().flat_map(|detail| {
            let lists = detail.lists.iter().map(|list| list.query.clone());
            detail.query.iter().cloned().chain(lists).chain(detail.charts.iter().map(|chart| chart.query.clone()))
        });
        std::iter::once(view.query.clone()).chain(enrich).chain(detail).map(|statement| (view, statement)).collect()
    };
    let postgres = pack.views.iter().filter(|view| pack.source(view.source).engine == Engine::PostgreSql);
    postgres.flat_map(of_view).collect()
}

/// Our packs and, over them, those in this folder of a user's config.
pub fn pack(config_home: &Path) -> Pack {
    let nowhere = Path::new("/nonexistent").to_owned();
    let environment = Environment { config_home: config_home.to_owned(), etc: nowhere, ..Environment::of_process() };
    packs::load("cybersensei", &environment).unwrap_or_else(|problems| panic!("{problems}"))
}

pub fn source(url: &str) -> Source {
    Source::open("main", &reads::config(url), Arc::new(None::<Secret>), "alice").unwrap()
}

/// A statement under the view's defaults; `keys` are what `:key` and `:keys` are bound to.
pub fn question(view: &View, statement: &Arc<Statement>, keys: &[RowKey]) -> Read {
    let mut bind = reads::defaults(view, &[("window", "24 hours")]);
    bind.values.extend(keys.first().map(|key| ("key".to_owned(), key.as_str().to_owned())));
    bind.keys = keys.to_vec();
    let is_list = Arc::ptr_eq(statement, &view.query);
    let shape = if is_list { ResultShape::list(view, 500, false) } else { ResultShape::Rows { limit: 500 } };
    reads::ask(statement, bind, shape)
}

#[tokio::test]
async fn a_reader_runs_every_query_of_the_pack_and_sees_no_hash() {
    let url = fresh_database("grants_reader").await;
    let _logins = LOGINS.lock().await;
    make_logins("grants_reader").await;
    let pack = pack(Path::new("/nonexistent"));
    let source = source(&reader("grants_reader"));
    let all = statements(&pack);
    assert!(all.len() > 40, "{}", all.len());
    for (view, statement) in &all {
        let answer = source.read(&question(view, statement, &[])).await;
        // Without the extension, statements fail for everybody.
        assert!(answer.is_ok(), "{}: {answer:?}", statement.file());
    }
    for secret in
        [r#"SELECT "passwordHash" FROM admin_users"#, "SELECT * FROM admin_users", "SELECT name FROM migrations"]
    {
        let refused = column(&reader("grants_reader"), secret).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{secret}: {refused}");
    }
    let write = run(&reader("grants_reader"), "UPDATE tenants SET active = false").await.unwrap_err().to_string();
    assert!(write.contains("permission denied"), "{write}");
    let still = column(&url, "SELECT count(*)::text FROM tenants WHERE active").await.unwrap();
    assert_ne!(still, ["0"]);
}

#[tokio::test]
async fn an_operator_writes_the_columns_that_actions_write_and_no_other() {
    let url = fresh_database("grants_operator").await;
    let _logins = LOGINS.lock().await;
    make_logins("grants_operator").await;
    let columns = "SELECT table_name || ' ' || column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name NOT LIKE 'sample%' ORDER BY 1";
    let (mut may, mut all) = (Vec::new(), 0);
    for name in column(&url, columns).await.unwrap() {
        let (table, column) = name.split_once(' ').unwrap();
        let write = format!(r#"UPDATE "{table}" SET "{column}" = NULL WHERE false"#);
        all += 1;
        match run(&operator("grants_operator"), &write).await {
            Ok(()) => may.push(name.clone()),
            Err(why) => assert!(why.to_string().contains("permission denied"), "{name}: {why}"),
        }
    }
    let expected = [
        "error_logs resolutionNotes",
        "error_logs resolved",
        "error_logs resolvedAt",
        "error_logs resolvedBy",
        "licenses expiresAt",
        "licenses notes",
        "licenses status",
        "licenses updatedAt",
        "tenants active",
        "tenants updatedAt",
        "updates_metadata active",
    ];
    may.sort();
    assert_eq!(may, expected);
    assert_eq!(all, 70);
    let resolve = r#"UPDATE error_logs SET resolved = true, "resolvedAt" = LOCALTIMESTAMP, "resolvedBy" = 'alice',
        "resolutionNotes" = 'done' WHERE id = (SELECT id FROM error_logs WHERE NOT resolved LIMIT 1) RETURNING "resolvedBy""#;
    assert_eq!(column(&operator("grants_operator"), resolve).await.unwrap(), ["alice"]);
    for refused in ["DELETE FROM error_logs", "TRUNCATE licenses", "INSERT INTO tenants DEFAULT VALUES"] {
        assert!(run(&operator("grants_operator"), refused).await.is_err(), "{refused}");
    }
    let operated = doctor(&of_postgres(&operator("grants_operator")));
    assert_eq!((operated.troubles(), operated.code), (vec![], Some(0)), "{:#}", operated.json);
    assert!(operated.of("login").1.ends_with("writes 11 columns that actions write"));
    assert!(operated.of("role pg_signal_backend").1.contains("cancel"));
}

#[tokio::test]
async fn a_login_that_had_more_rights_loses_them() {
    let url = fresh_database("grants_again").await;
    let _logins = LOGINS.lock().await;
    make_logins("grants_again").await;
    run(&url, "GRANT ALL ON ALL TABLES IN SCHEMA public TO opsdash_reader").await.unwrap();
    make_logins("grants_again").await;
    let again = doctor(&of_postgres(&reader("grants_again")));
    let others = "login opsdash_reader";
    assert!(!again.troubles().contains(&others), "{:#}", again.json);
    run(&url, "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM opsdash_reader, opsdash_operator").await.unwrap();
}

#[test]
fn what_is_printed_holds_no_password_and_asks_nobody() {
    let ran = lab("postgres://u:hunter2@127.0.0.1:9/central", "mongodb://u:hunter2@127.0.0.1:9/updates")
        .run(&["doctor", "--grants"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(!ran.out.contains("hunter2") && ran.out.contains(r#""db": "updates""#), "{}", ran.out);
    insta::assert_snapshot!(ran.out);
}
