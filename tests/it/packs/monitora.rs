//! Monitora, on SQL Server: what its statements must keep to, read from their text. There is no SQL Server to ask.

use std::{collections::BTreeSet, ops::ControlFlow, sync::LazyLock};

use opsdash_pack::pack::{Danger, Effect, KEY, Pack};
use sqlparser::{
    ast::{Expr, Query, SelectItem, SetExpr, Statement as Parsed, TableFactor, Visit, Visitor},
    dialect::MsSqlDialect,
    parser::Parser,
};

use super::text::{returned, text_of, words};
use crate::support;

pub static PACK: LazyLock<Pack> = LazyLock::new(|| support::pack("monitora"));

/// Every statement of the pack and of the shared views that it includes, those that are made of declarations too, by file.
fn texts() -> Vec<(String, String)> {
    PACK.statements().map(|statement| (statement.file().to_owned(), text_of(statement))).collect()
}

/// The one statement of a text.
fn parsed(file: &str, text: &str) -> Parsed {
    let mut found = Parser::parse_sql(&MsSqlDialect {}, text).unwrap_or_else(|error| panic!("{file}: {error}\n{text}"));
    assert_eq!(found.len(), 1, "{file} is one statement");
    found.remove(0)
}

#[test]
fn every_statement_is_t_sql_and_only_what_actions_declare_writes() {
    let texts = texts();
    assert!(texts.len() > 60, "{}", texts.len());
    let mut written = 0;
    for (file, text) in texts {
        match parsed(&file, &text) {
            Parsed::Query(_) => assert!(text.ends_with(";\n"), "{file}"),
            Parsed::Update(_) | Parsed::Delete(_) | Parsed::Execute { .. } => written += 1,
            other => panic!("{file}: {other}"),
        }
    }
    // Five updates with their undo, two deletes, two calls.
    assert_eq!(written, 14);
}

#[test]
fn migrations_are_t_sql_too() {
    let folder = opsdash_testbed::repository().join("migrations/monitora");
    let mut batches = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for batch in text.split("\nGO\n").filter(|batch| !batch.trim().is_empty()) {
            let found = Parser::parse_sql(&MsSqlDialect {}, batch);
            assert!(found.is_ok_and(|found| !found.is_empty()), "{}:\n{batch}", path.display());
            batches += 1;
        }
    }
    // Fourteen tables, ten procedures, fifteen triggers, three views.
    assert_eq!(batches, 42);
}

/// What the document stores and nobody may see.
pub const SECRET: [&str; 8] = [
    "embedding",
    "key_hash",
    "password_encrypted",
    "password_hash",
    "password_salt",
    "question_hash",
    "refresh_token_hash",
    "token_hash",
];

#[test]
fn no_statement_names_a_hash_a_salt_a_token_an_encrypted_password_or_an_embedding() {
    let tables = PACK.schema.sources.iter().flat_map(|source| &source.tables);
    let secret = tables.flat_map(|table| &table.columns).filter(|column| column.secret);
    assert_eq!(secret.map(|column| column.name.as_str()).collect::<BTreeSet<_>>(), SECRET.into());
    let texts = texts();
    assert!(texts.len() > 60, "{}", texts.len());
    for (file, text) in texts {
        assert_eq!(named_secret(&text), None, "{file}");
    }
}

/// The secret column that a text names, in whatever quotes and case.
pub fn named_secret(text: &str) -> Option<&'static str> {
    let words = words(text);
    SECRET.into_iter().find(|name| words.iter().any(|word| word == name))
}

#[test]
fn a_secret_is_noticed_however_it_is_written() {
    for text in [
        "SELECT u.password_hash",
        "SELECT [Token_Hash]",
        "LEFT(\"embedding\",1)",
        "k.KEY_HASH/*x*/",
        "-- password_salt",
    ] {
        assert!(named_secret(text).is_some(), "{text}");
    }
    assert_eq!(named_secret("SELECT k.key_prefix, hash_of_nothing, DATALENGTH(x)"), None);
}

#[test]
fn of_a_visitor_only_the_first_letters_leave_the_server() {
    let mut met = 0;
    for (file, text) in texts() {
        for column in ["c.visitor_name", "c.visitor_email"] {
            let masked = format!("CASE WHEN LEN({column}) > 0 THEN CONCAT(LEFT({column}, 1), N'…') END");
            met += text.matches(&masked).count();
            assert!(!text.replace(&masked, "").contains(&column[2..]) || is_alias(&text, &masked, column), "{file}");
        }
    }
    assert_eq!(met, 4, "two details show them");
}

/// Whether all that is left of a column is the name under which its mask is returned.
fn is_alias(text: &str, masked: &str, column: &str) -> bool {
    let name = &column[2..];
    let left = text.replace(&format!("{masked} AS {name}"), "");
    !words(&left).iter().any(|word| word == name)
}

/// Columns without an end: NVARCHAR(MAX).
const LONG: [&str; 14] = [
    "allowed_domains",
    "avatar_url",
    "bio",
    "cached_response",
    "content",
    "custom_css",
    "file_path",
    "metadata",
    "original_question",
    "preferences",
    "rag_sources",
    "sample_questions",
    "system_prompt",
    "website_url",
];

/// The expressions that a query returns, and whether it is bounded by TOP.
fn selected(query: &Query) -> (Vec<&Expr>, bool) {
    let SetExpr::Select(select) = &*query.body else { panic!("{query}") };
    let expressions = select.projection.iter().map(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => expr,
        other => panic!("{other} in {query}"),
    });
    (expressions.collect(), select.top.is_some())
}

#[test]
fn a_text_without_an_end_is_cut_or_measured_before_it_is_returned() {
    let mut met = 0;
    for (file, text) in texts() {
        let Parsed::Query(query) = parsed(&file, &text) else { continue };
        for expression in selected(&query).0 {
            let written = expression.to_string();
            let is_long = words(&written).iter().any(|word| LONG.contains(&word.as_str()));
            if is_long {
                met += 1;
                assert!(
                    ["LEFT(", "DATALENGTH("].iter().any(|call| written.starts_with(call)),
                    "{file} returns {written} as it is"
                );
            }
        }
    }
    assert!(met >= 25, "{met}");
}

/// Tables that are read.
#[derive(Default)]
struct Tables(BTreeSet<String>);

impl Visitor for Tables {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, .. } = factor {
            self.0.insert(name.to_string().trim_start_matches("dbo.").to_owned());
        }
        ControlFlow::Continue(())
    }
}

/// What people, visitors and widgets add rows to.
const GROWING: [&str; 12] = [
    "api_keys",
    "app_sessions",
    "app_users",
    "conversations",
    "document_chunks",
    "documents",
    "insights_cache",
    "message_topics",
    "messages",
    "response_cache",
    "workspace_databases",
    "workspaces",
];

/// They count or compare, and return a row for each thing that there is to say.
const SUMMARIES: [&str; 2] = ["facts", "integrity"];

#[test]
fn a_list_of_what_grows_is_bounded() {
    let mut bounded = 0;
    for view in PACK.views.iter().filter(|view| !SUMMARIES.contains(&view.id.as_str())) {
        let Parsed::Query(query) = parsed(view.query.file(), &text_of(&view.query)) else { panic!("{}", view.id) };
        let mut tables = Tables::default();
        assert!(query.visit(&mut tables).is_continue());
        if tables.0.iter().any(|table| GROWING.contains(&table.as_str())) {
            bounded += 1;
            assert!(selected(&query).1, "{} has no TOP", view.id);
        }
    }
    assert!(bounded >= 12, "{bounded}");
}

#[test]
fn an_action_looks_at_what_it_compares_asks_for_and_shows() {
    let mut actions: Vec<String> = Vec::new();
    for view in &PACK.views {
        for action in &view.actions {
            let name = format!("{}.{}", view.id, action.id);
            let set = action.set.iter();
            for look in set.chain([&action.preview]) {
                let looked = returned(&text_of(look));
                assert_eq!(looked[0], KEY, "{name}: {}", look.file());
                let compared: Vec<&str> = match &action.effect {
                    Effect::Call(call) => call.compare.iter().map(String::as_str).collect(),
                    effect => effect.rows().unwrap().compared().map(|column| column.alias.as_str()).collect(),
                };
                assert!(!compared.is_empty(), "{name} compares nothing");
                for column in compared {
                    assert!(looked.iter().any(|it| it == column), "{name}: {column} of {looked:?}");
                }
            }
            let looked = returned(&text_of(&action.preview));
            let typed = match &action.danger {
                Danger::High { column, .. } => Some(column),
                Danger::Low => None,
            };
            for column in action.when.iter().map(|(column, _)| column).chain(typed) {
                assert!(looked.contains(column), "{name}: {column} of {looked:?}");
            }
            actions.push(name);
        }
    }
    actions.sort();
    assert_eq!(
        actions,
        [
            "api_keys.expire",
            "conversations.archive",
            "insights.recalculate",
            "quality.resolve",
            "response_cache.purge_expired",
            "sessions.cleanup",
            "sessions.delete",
            "users.deactivate",
            "users.unlock",
        ]
    );
}

/// One returns what passwords are checked against, one cleans up nobody knows what.
#[test]
fn two_procedures_are_called_and_no_other() {
    let called: BTreeSet<String> = texts()
        .into_iter()
        .filter(|(file, text)| matches!(parsed(file, text), Parsed::Execute { .. }))
        .flat_map(|(_, text)| words(&text))
        .filter(|word| word.starts_with("sp_"))
        .collect();
    assert_eq!(called, ["sp_calculate_workspace_insights", "sp_cleanup_expired_sessions"].map(str::to_owned).into());
}

/// A table with a trigger refuses OUTPUT, and where `updated_at` is, a trigger sets it: it is compared, and looked at again.
#[test]
fn what_is_written_returns_nothing_and_compares_the_time_that_a_trigger_sets() {
    for action in PACK.views.iter().flat_map(|view| &view.actions) {
        for statement in [&action.sql].into_iter().chain(&action.undo) {
            let words = words(&text_of(statement));
            assert!(!words.iter().any(|word| word == "output"), "{}", statement.file());
        }
        if let Effect::Update(update) = &action.effect
            && ["messages", "conversations", "app_users"].contains(&update.rows.table.name.as_str())
        {
            assert_eq!(
                update.rows.version.as_ref().map(|column| column.name.as_str()),
                Some("updated_at"),
                "{}",
                action.id
            );
        }
    }
}
