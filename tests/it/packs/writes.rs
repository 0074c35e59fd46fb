//! What actions write, and that nothing else does, read from the packs' text.

use std::{collections::BTreeSet, sync::Arc};

use opsdash_pack::pack::{AFTER, BEFORE, Danger, Engine, KEY, Pack, SEEN, Statement, View};

use super::{
    packs as all,
    text::{bare, column_of, returned, statements, text_of, updated, words},
    views_of,
};

/// Words that write, wherever they stand: a WITH may hold an INSERT.
const WRITING: [&str; 16] = [
    "insert", "update", "delete", "merge", "truncate", "create", "alter", "drop", "grant", "revoke", "copy", "vacuum",
    "into", "call", "lock", "nextval",
];

/// Packs whose writes return what they wrote. On SQL Server none does: what holds for those is in `monitora.rs`.
fn packs() -> Vec<Pack> {
    let returns = |pack: &Pack| pack.sources.iter().all(|source| source.engine != Engine::SqlServer);
    all().into_iter().filter(returns).collect()
}

/// Their views, by system and id.
fn views() -> Vec<(String, View)> {
    views_of(packs())
}

/// What actions write and take back.
fn writing() -> Vec<Arc<Statement>> {
    let actions = views().into_iter().flat_map(|(_, view)| view.actions);
    actions.flat_map(|action| [action.sql].into_iter().chain(action.undo)).collect()
}

#[test]
fn what_an_action_writes_is_one_table_or_one_signal_and_nothing_else() {
    let writing = writing();
    assert!(writing.len() > 10, "{writing:?}");
    for statement in writing {
        let (words, file) = (words(&bare(&text_of(&statement), false)), statement.file());
        let count = |word: &str| words.iter().filter(|found| *found == word).count();
        let signals = count("pg_cancel_backend") + count("pg_terminate_backend");
        let text = text_of(&statement);
        // What only locks a row writes nothing.
        let locks = text.matches("FOR UPDATE").count() + text.matches("FOR NO KEY UPDATE").count();
        assert_eq!(count("update") + count("delete") + signals - locks, 1, "{file}");
        let writes_first = ["update", "delete"].contains(&words[0].as_str());
        assert!(writes_first || signals == 1 || locks == 1, "{file} begins with {}", words[0]);
        for word in WRITING.iter().filter(|word| !["update", "delete"].contains(word)) {
            assert_eq!(count(word), 0, "{file} says {word}");
        }
    }
}

#[test]
fn what_actions_set_is_what_the_schema_lets_an_operator_write() {
    for pack in packs() {
        let tables = pack.schema.sources.iter().flat_map(|source| &source.tables);
        let columns = tables.flat_map(|table| table.columns.iter().map(move |column| (table, column)));
        let granted = columns.filter(|(_, column)| column.write);
        let granted: BTreeSet<String> =
            granted.map(|(table, column)| format!("{}.{}", table.name, column.name)).collect();
        let actions = pack.views.iter().flat_map(|view| &view.actions);
        let statements = actions.flat_map(|action| [&action.sql].into_iter().chain(&action.undo));
        let set = |statement| {
            let updated = updated(&text_of(statement));
            updated.into_iter().flat_map(|(table, set)| set.into_iter().map(move |column| format!("{table}.{column}")))
        };
        // Rows of a set are locked, which takes the right to update a column: the key.
        let locked = pack.views.iter().flat_map(|view| &view.actions).filter_map(|action| action.effect.rows());
        let locked = locked.filter(|rows| rows.skips_locked);
        let locked = locked.map(|rows| format!("{}.{}", rows.table.documented, rows.key.documented));
        assert_eq!(
            statements.flat_map(|statement| set(statement)).chain(locked).collect::<BTreeSet<_>>(),
            granted,
            "{}",
            pack.system
        );
    }
}

/// What an undo compares but does not put back is the row's version. Whoever writes sets it, or the next one would not see
/// that somebody wrote.
#[test]
fn the_version_of_a_row_is_set_by_every_write() {
    let mut versions = 0;
    for (name, view) in views() {
        for action in &view.actions {
            let Some(undo) = &action.undo else { continue };
            let (written, undone) = (text_of(&action.sql), text_of(undo));
            let put_back = params(undo, BEFORE);
            for version in params(undo, AFTER).iter().filter(|compared| !put_back.contains(compared)) {
                let column = column_of(&written, &format!("{AFTER}{version}")).expect("a column is compared");
                // The transaction that wrote it: PostgreSQL sets that itself.
                if column == "xmin" {
                    continue;
                }
                for (what, sql) in [("the action", &written), ("the undo", &undone)] {
                    let (table, set) = updated(sql).expect("it updates a table");
                    assert!(set.contains(&column), "{name}.{}: {what} leaves {table}.{column} as it was", action.id);
                    versions += 1;
                }
            }
        }
    }
    assert!(versions > 0, "some table has a version");
}

/// Parameters of a statement whose names begin so, without that.
fn params(statement: &Statement, prefix: &str) -> Vec<String> {
    let names = statement.params().iter().filter_map(|param| param.name.strip_prefix(prefix));
    names.map(str::to_owned).collect()
}

#[test]
fn an_action_compares_what_its_look_returns_and_returns_what_its_undo_is_given() {
    let mut actions = 0;
    for (name, view) in views() {
        for action in &view.actions {
            actions += 1;
            let name = format!("{name}.{}", action.id);
            let looked = returned(&text_of(&action.preview));
            assert_eq!(looked[0], KEY, "{name}");
            let known = |column: &str| assert!(looked.iter().any(|it| it == column), "{name}: {column} of {looked:?}");
            action.when.iter().for_each(|(column, _)| known(column));
            action.change.iter().for_each(|(column, _)| known(column));
            if let Danger::High { column, .. } = &action.danger {
                known(column);
            }
            let seen = params(&action.sql, SEEN);
            if let Some(set) = &action.set {
                let found = returned(&text_of(set));
                assert_eq!(found[0], KEY, "{name}");
                assert!(seen.iter().all(|column| found.contains(column)), "{name}: {seen:?} of {found:?}");
            }
            let compares = action.effect.rows().is_none_or(|rows| rows.compared().next().is_some());
            assert_eq!(seen.is_empty(), !compares, "{name}");
            for column in &seen {
                known(column);
            }
            let written = returned(&text_of(&action.sql));
            assert_eq!(written[0], KEY, "{name}");
            if let Some(success) = &action.success {
                assert!(written.contains(success), "{name}");
            }
            let pairs = |prefix: &str| -> BTreeSet<String> {
                written.iter().filter_map(|column| column.strip_prefix(prefix)).map(str::to_owned).collect()
            };
            // What is deleted is nothing afterwards, and cannot be taken back.
            if action.effect.deletes() {
                assert!(pairs(AFTER).is_empty() && action.undo.is_none(), "{name}");
                assert!(seen.iter().all(|column| pairs(BEFORE).contains(column)), "{name}: {seen:?}");
                continue;
            }
            assert_eq!(pairs(BEFORE), pairs(AFTER), "{name}");
            for column in pairs(AFTER) {
                known(&column);
            }
            let Some(undo) = &action.undo else { continue };
            for column in params(undo, BEFORE).into_iter().chain(params(undo, AFTER)) {
                assert!(pairs(AFTER).contains(&column), "{name}: its undo is given {column}");
            }
            // What was returned is compared as a whole: who undoes must not take back what others wrote since.
            assert_eq!(params(undo, AFTER).into_iter().collect::<BTreeSet<_>>(), pairs(AFTER), "{name}");
            if compares {
                assert_eq!(pairs(AFTER), seen.into_iter().collect(), "{name}");
            }
        }
    }
    assert!(actions >= 12, "{actions}");
}

#[test]
fn no_query_writes() {
    let writing: BTreeSet<String> =
        writing().iter().map(|statement| statement.file().trim_start_matches("packs/").to_owned()).collect();
    for (file, text) in statements().into_iter().filter(|(file, _)| !writing.contains(file)) {
        let bare = bare(&text, false);
        let words = words(&bare);
        assert!(["select", "with"].contains(&words[0].as_str()), "{file} begins with {}", words[0]);
        for word in WRITING {
            assert!(!words.iter().any(|found| found == word), "{file} says {word}");
        }
        for function in ["set_config", "pg_terminate_backend", "pg_cancel_backend", "pg_advisory_lock", "dblink"] {
            assert!(!words.iter().any(|found| found == function), "{file} calls {function}");
        }
    }
}
