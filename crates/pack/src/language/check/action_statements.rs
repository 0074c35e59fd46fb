//! What an action reads and writes: statements in files, or made from what is declared.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Name, Resolver,
    effect::{declared_at, made_at},
    scope::{NOT_SCOPED, is_scoped},
    statements::{ParsedStatement, made_query, made_write, validate_statement, validate_write},
};
use crate::{
    declared::{MadeSql, sqlserver},
    dialect::{Flavor, Sql},
    document::{Problems, SourceLocation, suggest},
    language::words::{RawAction, RawView},
    pack::{AFTER, BEFORE, Effect, Engine, Prompt, SCOPE, SEEN, SourceId, Statement},
};

/// The statements of an action.
pub(super) struct Statements {
    pub(super) preview: Arc<Statement>,
    pub(super) sql: Arc<Statement>,
    pub(super) undo: Option<Arc<Statement>>,
}

/// What one statement of an action may take, and must take.
pub(super) struct Signature<'a> {
    /// Whether the statement may write.
    pub(super) writes: bool,
    /// Names of the parameters that are bound.
    pub(super) bound: BTreeSet<&'a str>,
    /// Prefixes of the list parameters that are bound: each may have the name of any column after it.
    pub(super) prefixes: &'static [&'static str],
    /// Names of the parameters that the statement must take.
    pub(super) required: Vec<&'a str>,
}

/// What is declared is not said in SQL as well, nor declared twice.
pub(super) fn validate_alone(resolver: &Resolver, raw: &RawAction, problems: &mut Problems) {
    let Some((word, _)) = declared_at(resolver, raw) else { return };
    if let (Some(_), Some(delete)) = (&raw.update, &raw.delete) {
        problems.add(resolver.location_of(delete), "an action that both updates and deletes", "keep one of them");
    }
    if let Some(call) = raw.call.as_ref().filter(|_| raw.update.is_some() || raw.delete.is_some()) {
        problems.add(resolver.location_of(call), "\"call\" beside \"update\" or \"delete\"", "keep one of them");
    }
    let files = [("sql", &raw.sql), ("undo", &raw.undo), ("success", &raw.success)];
    let named = files.iter().filter_map(|(word, name)| Some((*word, resolver.location_of(name.as_ref()?))));
    let change = raw.change.keys().next().map(|name| ("change", resolver.location_of(name)));
    for (other, location) in named.chain(change) {
        let what = format!("\"{other}\" beside \"{word}\"");
        problems.add(location, what, format!("keep one of them: what is declared with \"{word}\" says it already"));
    }
    if let (Some(show), Some(_)) = (raw.show.first(), &raw.preview) {
        problems.add(
            resolver.location_of(show),
            "\"show\" beside \"preview\"",
            "keep one of them: the query returns what is shown",
        );
    }
}

/// The statements of a declared write: made, but for the preview where a file has it.
pub(super) fn declared_statements(
    resolver: &Resolver,
    source: SourceId,
    view: &RawView,
    raw: &RawAction,
    effect: &Effect,
    problems: &mut Problems,
) -> Option<Statements> {
    let flavor = resolver.engine(source).flavor()?;
    let (sql, location) = (MadeSql::of(flavor, effect)?, made_at(resolver, raw)?);
    let preview = match &raw.preview {
        Some(file) => {
            let engine = resolver.engine(source);
            validate_signature(resolver, engine, file, &preview_signature(resolver, view), problems)?.statement
        }
        None => made_query(flavor, &location, &sql.preview?, problems)?,
    };
    let undo = match &sql.undo {
        Some(undo) => Some(made_write(flavor, &location, undo, problems)?),
        None => None,
    };
    let write = made_write(flavor, &location, &sql.write, problems)?;
    let guard = sqlserver::guard(effect).filter(|_| flavor == Flavor::SqlServer);
    let guarded = |statement: Arc<Statement>| match (&*statement, &guard) {
        (Statement::Sql(sql), Some(guard)) => {
            Arc::new(Statement::Sql(Sql { guard: Some(guard.clone()), ..sql.clone() }))
        }
        _ => statement,
    };
    Some(Statements { preview, sql: guarded(write), undo: undo.map(guarded) })
}

/// The parameter with the scope that the rows of an action were seen within, where the view has one.
pub(super) fn scope_of(resolver: &Resolver, view: &RawView) -> Option<&'static str> {
    let source = resolver.source(&view.source, &mut Problems::default())?;
    is_scoped(resolver, view, source).then_some(SCOPE)
}

fn preview_signature<'a>(resolver: &Resolver, view: &'a RawView) -> Signature<'a> {
    let thresholds = view.threshold.keys().map(|name| name.get_ref().as_str());
    let bound = thresholds.chain(["keys"]).chain(scope_of(resolver, view)).collect();
    Signature { writes: false, bound, prefixes: &[], required: vec!["keys"] }
}

/// The statements of an action in files. Each takes what it must take and nothing that is not bound, and what writes
/// compares rows with what they were.
pub(super) fn validate_statements(
    resolver: &Resolver,
    view: &RawView,
    raw: &RawAction,
    prompts: &[Prompt],
    problems: &mut Problems,
) -> Option<Statements> {
    let (Some(preview), Some(sql)) = (&raw.preview, &raw.sql) else {
        let what = format!("the action \"{}\" does not say what it writes", raw.id.get_ref());
        let remedy = "declare it with \"update\" or \"delete\", or name files with \"preview\" and \"sql\"";
        problems.add(resolver.location_of(&raw.id), what, remedy);
        return None;
    };
    if let Some(show) = raw.show.first() {
        let remedy = "only \"update\" and \"delete\" have it; let the preview return the column";
        problems.add(resolver.location_of(show), "\"show\" beside \"sql\"", remedy);
    }
    let asked = prompts.iter().map(|prompt| prompt.name.as_str());
    let signature = preview_signature(resolver, view);
    let for_undo: BTreeSet<&str> = signature.bound.iter().copied().chain(["operator"]).collect();
    let for_sql: BTreeSet<&str> = for_undo.iter().copied().chain(asked.clone()).collect();
    let required = asked.chain(["keys"]).collect();
    let engine = Engine::PostgreSql;
    let preview = validate_signature(resolver, engine, preview, &signature, problems);
    let signature = Signature { writes: true, bound: for_sql, prefixes: &[SEEN], required };
    let sql = validate_signature(resolver, engine, sql, &signature, problems);
    let signature = Signature { writes: true, bound: for_undo, prefixes: &[BEFORE, AFTER], required: vec!["keys"] };
    let undo = raw.undo.as_ref().map(|file| validate_signature(resolver, engine, file, &signature, problems));
    if let Some(sql) = sql.as_ref().filter(|sql| !sql.takes_any(SEEN)) {
        let remedy = "compare with :seen_<column>: only rows that are as they were seen may be written";
        problems.add(SourceLocation::file(sql.statement.file()), NO_PRECONDITION, remedy);
    }
    if let Some(undo) = undo.iter().flatten().find(|undo| !undo.takes_any(AFTER)) {
        let remedy = "compare with :after_<column>: only rows that are as we left them may be taken back";
        problems.add(SourceLocation::file(undo.statement.file()), NO_PRECONDITION, remedy);
    }
    let undo = match undo {
        None => None,
        Some(parsed) => Some(parsed?.statement),
    };
    Some(Statements { preview: preview?.statement, sql: sql?.statement, undo })
}

const NO_PRECONDITION: &str = "the statement has no precondition";

/// The statement in a file, checked against its signature. `None` when the file cannot be read.
pub(super) fn validate_signature(
    resolver: &Resolver,
    engine: Engine,
    file: &Name,
    signature: &Signature<'_>,
    problems: &mut Problems,
) -> Option<ParsedStatement> {
    let parsed = if signature.writes {
        validate_write(resolver, file, problems)?
    } else {
        validate_statement(resolver, file, engine, problems)?
    };
    for (param, location) in parsed.params() {
        let name = param.name.as_str();
        let has_column = |prefix: &&str| name.len() > prefix.len() && name.starts_with(prefix);
        if !signature.bound.contains(name) && !signature.prefixes.iter().any(has_column) {
            let lists: Vec<String> = signature.prefixes.iter().map(|prefix| format!(":{prefix}<column>")).collect();
            let known = || format!("{} {}", suggest(name, signature.bound.iter().copied()), lists.join(" "));
            let remedy = if name == SCOPE { NOT_SCOPED.1.to_owned() } else { known() };
            problems.add(location.clone(), format!("the parameter :{name} is not given here"), remedy.trim_end());
        }
    }
    for name in signature.required.iter().filter(|name| !parsed.takes(name)) {
        let what = format!("the statement does not take :{name}");
        problems.add(SourceLocation::file(parsed.statement.file()), what, format!("use :{name} in it"));
    }
    Some(parsed)
}
