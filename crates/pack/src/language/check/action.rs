//! Actions of a view.

use std::sync::Arc;

use super::{
    Name, Resolver,
    action_statements::{
        Signature, declared_statements, scope_of, validate_alone, validate_signature, validate_statements,
    },
    condition::{validate_otherwise, validate_when},
    effect::{declared_at, is_set, planned, validate_effect},
};
use crate::{
    command::TABLE,
    document::{Problems, suggest},
    language::words::{RawAction, RawConfirm, RawPrompt, RawView},
    pack::{
        AFTER, Action, BEFORE, Danger, Effect, Engine, PlannedValue, Prompt, PromptKind, SCOPE, SEEN, SourceId,
        Statement, VERDICT, ViewId,
    },
};

/// Rows of one transaction where the pack says nothing.
const DEFAULT_BATCH: usize = 500;
/// Most rows under one confirmation where the pack says nothing.
const DEFAULT_MOST: usize = 10_000;
/// Parameters that the program binds.
const BOUND: [&str; 3] = ["keys", "operator", SCOPE];

/// The actions of a view.
pub(super) fn validate_actions(resolver: &Resolver, id: &str, view: &RawView, problems: &mut Problems) -> Vec<Action> {
    let mut taken: Vec<char> = Vec::new();
    let mut actions = Vec::new();
    for raw in &view.action {
        actions.extend(validate_action(resolver, id, view, raw, &mut taken, problems));
    }
    actions
}

fn validate_action(
    resolver: &Resolver,
    view_id: &str,
    view: &RawView,
    raw: &RawAction,
    taken: &mut Vec<char>,
    problems: &mut Problems,
) -> Option<Action> {
    resolver.validate_id("action", &raw.id, problems);
    let press = validate_press(resolver, view, &raw.press, taken, problems);
    let many = choose(
        resolver,
        raw.rows.as_ref(),
        "number of rows",
        &[("one", false), ("many", true), ("set", false)],
        problems,
    );
    let has_preview = raw.preview.is_some();
    let prompts: Vec<Prompt> =
        raw.ask.iter().map(|ask| validate_prompt(resolver, view, ask, has_preview, problems)).collect();
    let danger = validate_confirm(resolver, raw.confirm.as_ref(), problems);
    let batch = validate_count(resolver, raw.batch.as_ref(), "batch", 10_000, DEFAULT_BATCH, problems);
    let most = validate_count(resolver, raw.most.as_ref(), "most", 100_000, DEFAULT_MOST, problems);
    // What is called once for all rows is one transaction.
    let batch = if raw.call.is_some() && is_set(raw) { most } else { batch };
    let reload = validate_reload(resolver, view_id, raw, problems);
    let source = validate_source(resolver, view, raw, problems)?;
    let (effect, change, statements) = if declared_at(resolver, raw).is_some() {
        validate_alone(resolver, raw, problems);
        let effect = validate_effect(resolver, source, raw, &prompts, problems)?;
        let statements = declared_statements(resolver, source, view, raw, &effect, problems)?;
        let change = planned(&effect);
        (effect, change, statements)
    } else {
        let change = validate_change(resolver, raw, &prompts, problems);
        if resolver.engine(source) != Engine::PostgreSql {
            let what = format!("the action \"{}\" declares nothing", raw.id.get_ref());
            let remedy =
                "declare it with \"update\", \"delete\" or \"call\": only PostgreSQL takes statements of the pack";
            problems.add(resolver.location_of(&raw.id), what, remedy);
            return None;
        }
        (Effect::Sql, change, validate_statements(resolver, view, raw, &prompts, problems)?)
    };
    let set = validate_set(resolver, view, raw, &effect, problems)?;
    Some(Action {
        id: raw.id.get_ref().clone(),
        title: raw.title.get_ref().clone(),
        press: press?,
        many,
        set,
        preview: statements.preview,
        effect,
        when: raw.when.iter().map(|(column, values)| validate_when(resolver, column, values, problems)).collect(),
        otherwise: validate_otherwise(resolver, view, raw, problems),
        sql: statements.sql,
        undo: statements.undo,
        prompts,
        danger,
        change,
        success: raw.success.as_ref().map(|name| name.get_ref().clone()),
        verified: validate_verified(resolver, view, raw, problems),
        batch,
        most,
        reload,
    })
}

/// The query of a set. `Some(None)` when the action is of rows that somebody chooses; `None` after a problem.
#[expect(clippy::option_option, reason = "a problem is not the absence of a set")]
fn validate_set(
    resolver: &Resolver,
    view: &RawView,
    raw: &RawAction,
    effect: &Effect,
    problems: &mut Problems,
) -> Option<Option<Arc<Statement>>> {
    let file = match (is_set(raw), &raw.query) {
        (false, None) => return Some(None),
        (false, Some(file)) => {
            let remedy = "only an action with rows = \"set\" finds its rows by a query; remove it, or say so";
            problems.add(resolver.location_of(file), "\"query\" of an action that is not of a set", remedy);
            return None;
        }
        (true, None) => {
            let what = format!("the action \"{}\" is of a set that no query finds", raw.id.get_ref());
            problems.add(resolver.location_of(&raw.id), what, "name its file with \"query\"");
            return None;
        }
        (true, Some(file)) => file,
    };
    let beside = [
        ("preview", raw.preview.is_some() && effect.deletes()),
        ("when", !raw.when.is_empty()),
        ("confirm", raw.confirm.is_some()),
    ];
    let beside = beside.into_iter().find_map(|(word, said)| said.then_some(word));
    if !(effect.deletes() || matches!(effect, Effect::Call(_))) || !raw.ask.is_empty() {
        let what = format!(
            "the action \"{}\" of a set does something else than to delete its rows or call a procedure",
            raw.id.get_ref()
        );
        problems.add(resolver.location_of(&raw.id), what, "a set has \"delete\" or \"call\", and asks nothing");
        return None;
    }
    if let Some(word) = beside {
        let what = format!("\"{word}\" of an action of a set");
        let remedy = "remove it: the query finds the rows and returns what is shown, and their number is typed";
        problems.add(resolver.location_of(file), what, remedy);
        return None;
    }
    let scope = scope_of(resolver, view);
    let bound = view.threshold.keys().map(|name| name.get_ref().as_str()).chain(scope).collect();
    let signature = Signature { writes: false, bound, prefixes: &[], required: scope.into_iter().collect() };
    let engine = resolver.source(&view.source, problems).map_or(Engine::PostgreSql, |source| resolver.engine(source));
    Some(Some(validate_signature(resolver, engine, file, &signature, problems)?.statement))
}

/// The views that are read again after the action: its own first, then those that it names.
fn validate_reload(resolver: &Resolver, view_id: &str, raw: &RawAction, problems: &mut Problems) -> Vec<ViewId> {
    let mut reload: Vec<ViewId> =
        resolver.ids.iter().position(|known| known == view_id).map(ViewId).into_iter().collect();
    for name in raw.reload.iter().filter(|name| !resolver.disabled.contains(name.get_ref())) {
        reload.extend(resolver.view(name, problems).filter(|view| !reload.contains(view)));
    }
    reload
}

fn validate_verified(resolver: &Resolver, view: &RawView, raw: &RawAction, problems: &mut Problems) -> bool {
    let Some(verified) = raw.verified.as_ref().filter(|verified| *verified.get_ref()) else { return false };
    let has_verdict = view.column.iter().any(|column| column.name.get_ref() == VERDICT);
    if view.files.is_none() || !has_verdict {
        let remedy = format!("only a view of files with a column \"{VERDICT}\" has verdicts; remove \"verified\"");
        problems.add(resolver.location_of(verified), "\"verified\" where no file is judged", remedy);
    }
    true
}

/// The key of an action is one letter that no command, no link of the view and no other action of the view has. `taken`
/// are the letters of the actions before.
fn validate_press(
    resolver: &Resolver,
    view: &RawView,
    press: &Name,
    taken: &mut Vec<char>,
    problems: &mut Problems,
) -> Option<char> {
    let mut letters = press.get_ref().chars();
    let letter = match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_ascii_alphabetic() => letter,
        _ => {
            let what = format!("the key \"{}\" of an action", press.get_ref());
            problems.add(resolver.location_of(press), what, "write one letter");
            return None;
        }
    };
    let starts_with_press = |keys: &str| keys.split(' ').next() == Some(press.get_ref());
    let command = TABLE.iter().find(|entry| entry.keys.iter().any(|keys| starts_with_press(keys)));
    let link = view.link.iter().find(|link| link.press.get_ref() == press.get_ref());
    let taken_by = match (command, link) {
        (Some(entry), _) => Some(format!("the command \"{}\"", entry.name)),
        (None, Some(link)) => Some(format!("a link, by g {}", link.press.get_ref())),
        _ if taken.contains(&letter) => Some("another action of this view".to_owned()),
        _ => None,
    };
    if let Some(by) = taken_by {
        let what = format!("the key \"{letter}\" of an action is taken by {by}");
        problems.add(resolver.location_of(press), what, "choose another letter");
        return None;
    }
    taken.push(letter);
    Some(letter)
}

fn validate_prompt(
    resolver: &Resolver,
    view: &RawView,
    raw: &RawPrompt,
    has_preview: bool,
    problems: &mut Problems,
) -> Prompt {
    resolver.validate_id("ask", &raw.name, problems);
    let name = raw.name.get_ref();
    let has_list_prefix = [SEEN, BEFORE, AFTER].iter().any(|prefix| name.starts_with(prefix));
    let is_threshold = view.threshold.keys().any(|threshold| threshold.get_ref() == name);
    if has_list_prefix || is_threshold || BOUND.contains(&name.as_str()) {
        problems.add(
            resolver.location_of(&raw.name),
            format!("the ask \"{name}\" has a reserved name"),
            "choose another name",
        );
    }
    let kinds = ["text", "multiline", "date", "choice"].map(|word| (word, word));
    let word = choose(resolver, raw.kind.as_ref(), "kind", &kinds, problems);
    let choices = raw.choices.as_ref().map(|choices| choices.get_ref().clone()).unwrap_or_default();
    let is_wrong = if word == "choice" { choices.is_empty() && !has_preview } else { !choices.is_empty() };
    if is_wrong {
        let remedy = "a choice lists its values in \"choices\", or its action has a \"preview\" that finds them; nothing \
                      else has them";
        problems.add(resolver.location_of(&raw.name), format!("the choices of the ask \"{name}\""), remedy);
    }
    if let Some(after) = raw.after.as_ref().filter(|after| word != "date" || after.get_ref() != "now") {
        let what = format!("\"after\" is \"{}\"", after.get_ref());
        problems.add(resolver.location_of(after), what, "only a date has it, and only \"now\"");
    }
    let kind = match word {
        "multiline" => PromptKind::Multiline,
        "date" => PromptKind::Date { future: raw.after.is_some() },
        "choice" if choices.is_empty() => PromptKind::Found,
        "choice" => PromptKind::Choice(choices),
        _ => PromptKind::Text,
    };
    Prompt { name: name.clone(), prompt: raw.prompt.clone(), kind, optional: raw.optional }
}

fn validate_confirm(resolver: &Resolver, raw: Option<&toml::Spanned<RawConfirm>>, problems: &mut Problems) -> Danger {
    let Some(raw) = raw else { return Danger::Low };
    let (location, raw) = (resolver.location_of(raw), raw.get_ref());
    let high = choose(resolver, Some(&raw.danger), "danger", &[("low", false), ("high", true)], problems);
    let last = raw.last.as_ref().map(|last| validate_count(resolver, Some(last), "last", 32, 4, problems));
    match &raw.typed {
        Some(column) if high => {
            resolver.validate_id("column", column, problems);
            Danger::High { column: column.get_ref().clone(), last }
        }
        None if !high && last.is_none() => Danger::Low,
        _ => {
            let remedy =
                "high danger wants \"type\", the column that is typed; low danger has neither \"type\" nor \"last\"";
            problems.add(location, "a confirmation that does not fit its danger", remedy);
            Danger::Low
        }
    }
}

fn validate_change(
    resolver: &Resolver,
    raw: &RawAction,
    prompts: &[Prompt],
    problems: &mut Problems,
) -> Vec<(String, PlannedValue)> {
    let mut changes = Vec::new();
    for (column, to) in &raw.change {
        resolver.validate_id("column", column, problems);
        let value = match to.get_ref().strip_prefix(':') {
            Some(name) if prompts.iter().any(|prompt| prompt.name == name) => PlannedValue::Asked(name.to_owned()),
            Some(name) => {
                let what = format!("\"change\" names \"{name}\", which is not asked");
                problems.add(
                    resolver.location_of(to),
                    what,
                    suggest(name, prompts.iter().map(|prompt| prompt.name.as_str())),
                );
                continue;
            }
            None => PlannedValue::To(Some(to.get_ref().clone())),
        };
        changes.push((column.get_ref().clone(), value));
    }
    changes
}

/// The source of the view, which must be one that actions write to.
fn validate_source(resolver: &Resolver, view: &RawView, raw: &RawAction, problems: &mut Problems) -> Option<SourceId> {
    let source = resolver.source(&view.source, problems)?;
    let engine = resolver.engine(source);
    if engine.flavor().is_none() {
        let what = format!("an action on a source of {}", engine.word());
        problems.add(resolver.location_of(&raw.id), what, "actions write to PostgreSQL and SQL Server only; remove it");
        return None;
    }
    Some(source)
}

/// The value of a word from a closed list. Without the word, and after a problem, the value of the first.
fn choose<T: Copy>(
    resolver: &Resolver,
    raw: Option<&Name>,
    what: &str,
    known: &[(&str, T)],
    problems: &mut Problems,
) -> T {
    let Some(name) = raw else { return known[0].1 };
    let found = known.iter().find(|(word, _)| word == name.get_ref());
    if found.is_none() {
        resolver.add_unknown(what, name, known.iter().map(|(word, _)| *word), problems);
    }
    found.map_or(known[0].1, |(_, value)| *value)
}

/// A number from 1 to `most`. Without the word, and after a problem, the default.
fn validate_count(
    resolver: &Resolver,
    raw: Option<&toml::Spanned<i64>>,
    word: &str,
    most: usize,
    default: usize,
    problems: &mut Problems,
) -> usize {
    let Some(raw) = raw else { return default };
    match usize::try_from(*raw.get_ref()) {
        Ok(number) if (1..=most).contains(&number) => number,
        _ => {
            let what = format!("\"{word}\" is {}", raw.get_ref());
            problems.add(resolver.location_of(raw), what, format!("write a number from 1 to {most}"));
            default
        }
    }
}
