//! Actions of a view.

use std::{collections::BTreeSet, sync::Arc};

use super::{Name, Resolver, statements::validate_write};
use crate::{
    command::TABLE,
    document::{Problems, SourceLocation, suggest},
    language::raw::{RawAction, RawConfirm, RawPrompt, RawView},
    pack::{AFTER, Action, BEFORE, Danger, Engine, PlannedValue, Prompt, PromptKind, SEEN, Statement, VERDICT},
};

/// Default rows of one transaction.
const BATCH: usize = 500;
/// Default rows under one confirmation.
const MOST: usize = 10_000;
/// Parameters that the program gives.
const GIVEN: [&str; 2] = ["keys", "operator"];

/// All actions of a view.
pub(super) fn validate_actions(resolver: &Resolver, id: &str, view: &RawView, problems: &mut Problems) -> Vec<Action> {
    let mut pressed: Vec<char> = Vec::new();
    let mut actions = Vec::new();
    for raw in &view.action {
        actions.extend(validate_action(resolver, id, view, raw, &mut pressed, problems));
    }
    actions
}

fn validate_action(
    resolver: &Resolver,
    view_id: &str,
    view: &RawView,
    raw: &RawAction,
    pressed: &mut Vec<char>,
    problems: &mut Problems,
) -> Option<Action> {
    resolver.validate_id("action", &raw.id, problems);
    let press = validate_press(resolver, view, &raw.press, pressed, problems);
    let many = one_of(resolver, raw.rows.as_ref(), "number of rows", &[("one", false), ("many", true)], problems);
    let prompts: Vec<Prompt> = raw.ask.iter().map(|ask| validate_ask(resolver, view, ask, problems)).collect();
    let danger = validate_confirm(resolver, raw.confirm.as_ref(), problems);
    let change = validate_change(resolver, raw, &prompts, problems);
    let batch = whole(resolver, raw.batch.as_ref(), "batch", 10_000, BATCH, problems);
    let most = whole(resolver, raw.most.as_ref(), "most", 100_000, MOST, problems);
    let mut reload: Vec<_> =
        resolver.ids.iter().position(|known| known == view_id).map(crate::pack::ViewId).into_iter().collect();
    for name in raw.reload.iter().filter(|name| !resolver.disabled.contains(name.get_ref())) {
        reload.extend(resolver.view(name, problems).filter(|found| !reload.contains(found)));
    }
    let statements = validate_statements(resolver, view, raw, &prompts, problems);
    let (preview, sql, undo) = statements?;
    Some(Action {
        id: raw.id.get_ref().clone(),
        title: raw.title.get_ref().clone(),
        press: press?,
        many,
        preview,
        when: raw.when.iter().map(|(column, values)| when(resolver, column, values, problems)).collect(),
        sql,
        undo,
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

fn validate_verified(resolver: &Resolver, view: &RawView, raw: &RawAction, problems: &mut Problems) -> bool {
    let Some(verified) = raw.verified.as_ref().filter(|verified| *verified.get_ref()) else { return false };
    let has_verdict = view.column.iter().any(|column| column.name.get_ref() == VERDICT);
    if view.files.is_none() || !has_verdict {
        let remedy = format!("only a view of files with a column \"{VERDICT}\" has verdicts; remove \"verified\"");
        problems.add(resolver.of(verified), "\"verified\" where no file is judged", remedy);
    }
    true
}

fn when(
    resolver: &Resolver,
    column: &Name,
    values: &toml::Spanned<Vec<String>>,
    problems: &mut Problems,
) -> (String, Vec<Option<String>>) {
    resolver.validate_id("column", column, problems);
    if values.get_ref().is_empty() {
        let what = format!("\"when\" names no value of \"{}\"", column.get_ref());
        problems.add(resolver.of(values), what, "list the values under which the action applies, or remove the column");
    }
    let value = |text: &String| (text != "null").then(|| text.clone());
    (column.get_ref().clone(), values.get_ref().iter().map(value).collect())
}

/// One letter that no command, no link of the view and no other action of it has.
fn validate_press(
    resolver: &Resolver,
    view: &RawView,
    press: &Name,
    pressed: &mut Vec<char>,
    problems: &mut Problems,
) -> Option<char> {
    let mut letters = press.get_ref().chars();
    let letter = match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_ascii_alphabetic() => letter,
        _ => {
            let what = format!("the key \"{}\" of an action", press.get_ref());
            problems.add(resolver.of(press), what, "write one letter");
            return None;
        }
    };
    let is_begun = |keys: &str| keys.split(' ').next() == Some(press.get_ref());
    let command = TABLE.iter().find(|entry| entry.keys.iter().any(|keys| is_begun(keys)));
    let link = view.link.iter().find(|link| link.press.get_ref() == press.get_ref());
    let taken = match (command, link) {
        (Some(entry), _) => Some(format!("the command \"{}\"", entry.name)),
        (None, Some(link)) => Some(format!("the link to \"{}\"", link.view.get_ref())),
        _ if pressed.contains(&letter) => Some("another action of this view".to_owned()),
        _ => None,
    };
    if let Some(by) = taken {
        let what = format!("the key \"{letter}\" of an action is taken by {by}");
        problems.add(resolver.of(press), what, "choose another letter");
        return None;
    }
    pressed.push(letter);
    Some(letter)
}

fn validate_ask(resolver: &Resolver, view: &RawView, raw: &RawPrompt, problems: &mut Problems) -> Prompt {
    resolver.validate_id("ask", &raw.name, problems);
    let name = raw.name.get_ref();
    let is_list = [SEEN, BEFORE, AFTER].iter().any(|prefix| name.starts_with(prefix));
    let is_threshold = view.threshold.keys().any(|threshold| threshold.get_ref() == name);
    if is_list || is_threshold || GIVEN.contains(&name.as_str()) {
        problems.add(resolver.of(&raw.name), format!("the ask \"{name}\" has a reserved name"), "choose another name");
    }
    let kinds = ["text", "multiline", "date", "choice"].map(|word| (word, word));
    let word = one_of(resolver, raw.kind.as_ref(), "kind", &kinds, problems);
    let choices = raw.choices.as_ref().map(|choices| choices.get_ref().clone()).unwrap_or_default();
    if (word == "choice") == choices.is_empty() {
        let remedy = "a choice lists its values in \"choices\"; nothing else has them";
        problems.add(resolver.of(&raw.name), format!("the choices of the ask \"{name}\""), remedy);
    }
    if let Some(after) = raw.after.as_ref().filter(|after| word != "date" || after.get_ref() != "now") {
        let what = format!("\"after\" is \"{}\"", after.get_ref());
        problems.add(resolver.of(after), what, "only a date has it, and only \"now\"");
    }
    let kind = match word {
        "multiline" => PromptKind::Multiline,
        "date" => PromptKind::Date { future: raw.after.is_some() },
        "choice" => PromptKind::Choice(choices),
        _ => PromptKind::Text,
    };
    Prompt { name: name.clone(), prompt: raw.prompt.clone(), kind, optional: raw.optional }
}

fn validate_confirm(resolver: &Resolver, raw: Option<&toml::Spanned<RawConfirm>>, problems: &mut Problems) -> Danger {
    let Some(raw) = raw else { return Danger::Low };
    let (at, raw) = (resolver.of(raw), raw.get_ref());
    let high = one_of(resolver, Some(&raw.danger), "danger", &[("low", false), ("high", true)], problems);
    let last = raw.last.as_ref().map(|last| whole(resolver, Some(last), "last", 32, 4, problems));
    match &raw.typed {
        Some(column) if high => {
            resolver.validate_id("column", column, problems);
            Danger::High { column: column.get_ref().clone(), last }
        }
        None if !high && last.is_none() => Danger::Low,
        _ => {
            let remedy =
                "high danger wants \"type\", the column that is typed; low danger has neither \"type\" nor \"last\"";
            problems.add(at, "a confirmation that does not fit its danger", remedy);
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
    let mut all = Vec::new();
    for (column, to) in &raw.change {
        resolver.validate_id("column", column, problems);
        let change = match to.get_ref().strip_prefix(':') {
            Some(name) if prompts.iter().any(|ask| ask.name == name) => PlannedValue::Asked(name.to_owned()),
            Some(name) => {
                let what = format!("\"change\" names \"{name}\", which is not asked");
                problems.add(resolver.of(to), what, suggest(name, prompts.iter().map(|ask| ask.name.as_str())));
                continue;
            }
            None => PlannedValue::To(to.get_ref().clone()),
        };
        all.push((column.get_ref().clone(), change));
    }
    all
}

type Statements = (Arc<Statement>, Arc<Statement>, Option<Arc<Statement>>);

/// The files, and that each takes what it must and nothing that it is not given.
fn validate_statements(
    resolver: &Resolver,
    view: &RawView,
    raw: &RawAction,
    prompts: &[Prompt],
    problems: &mut Problems,
) -> Option<Statements> {
    let engine = resolver.engine(resolver.source(&view.source, problems)?);
    if engine != Engine::PostgreSql {
        let what = format!("an action on a source of {}", engine.word());
        problems.add(resolver.of(&raw.id), what, "actions write to PostgreSQL only; remove it");
        return None;
    }
    let thresholds = view.threshold.keys().map(|name| name.get_ref().as_str());
    let asked = prompts.iter().map(|ask| ask.name.as_str());
    let preview: BTreeSet<&str> = thresholds.chain(["keys"]).collect();
    let of_undo: BTreeSet<&str> = preview.iter().copied().chain(["operator"]).collect();
    let of_sql: BTreeSet<&str> = of_undo.iter().copied().chain(asked.clone()).collect();
    let mut take = |file: &Name, given: &BTreeSet<&str>, lists: &[&str], must: &[&str]| {
        let parsed = validate_write(resolver, file, !lists.is_empty(), problems)?;
        for (param, place) in parsed.params() {
            let name = param.name.as_str();
            let of_row = lists.iter().any(|prefix| name.len() > prefix.len() && name.starts_with(prefix));
            if !of_row && !given.contains(name) {
                let lists: Vec<String> = lists.iter().map(|prefix| format!(":{prefix}<column>")).collect();
                let remedy = format!("{} {}", suggest(name, given.iter().copied()), lists.join(" "));
                problems.add(place.clone(), format!("the parameter :{name} is not given here"), remedy.trim_end());
            }
        }
        for name in must.iter().filter(|name| !parsed.takes(name)) {
            let what = format!("the statement does not take :{name}");
            problems.add(SourceLocation::file(parsed.statement.file()), what, format!("use :{name} in it"));
        }
        Some(parsed)
    };
    let seen = take(&raw.preview, &preview, &[], &["keys"]);
    let must: Vec<&str> = asked.chain(["keys"]).collect();
    let written = take(&raw.sql, &of_sql, &[SEEN], &must);
    let undone = raw.undo.as_ref().map(|file| take(file, &of_undo, &[BEFORE, AFTER], &["keys"]));
    if let Some(parsed) =
        written.as_ref().filter(|parsed| !parsed.params().any(|(param, _)| param.name.starts_with(SEEN)))
    {
        let remedy = "compare with :seen_<column>: only rows that are as they were seen may be written";
        problems.add(SourceLocation::file(parsed.statement.file()), "the statement has no precondition", remedy);
    }
    if let Some(parsed) =
        undone.iter().flatten().find(|parsed| !parsed.params().any(|(param, _)| param.name.starts_with(AFTER)))
    {
        let remedy = "compare with :after_<column>: only rows that are as we left them may be taken back";
        problems.add(SourceLocation::file(parsed.statement.file()), "the statement has no precondition", remedy);
    }
    let undo = match undone {
        None => None,
        Some(parsed) => Some(parsed?.statement),
    };
    Some((seen?.statement, written?.statement, undo))
}

fn one_of<T: Copy>(
    resolver: &Resolver,
    raw: Option<&Name>,
    what: &str,
    known: &[(&str, T)],
    problems: &mut Problems,
) -> T {
    let Some(name) = raw else { return known[0].1 };
    let found = known.iter().find(|(word, _)| word == name.get_ref());
    if found.is_none() {
        resolver.unknown(what, name, known.iter().map(|(word, _)| *word), problems);
    }
    found.map_or(known[0].1, |(_, value)| *value)
}

fn whole(
    resolver: &Resolver,
    raw: Option<&toml::Spanned<i64>>,
    what: &str,
    most: usize,
    default: usize,
    problems: &mut Problems,
) -> usize {
    let Some(raw) = raw else { return default };
    match usize::try_from(*raw.get_ref()) {
        Ok(number) if (1..=most).contains(&number) => number,
        _ => {
            let told = format!("\"{what}\" is {}", raw.get_ref());
            problems.add(resolver.of(raw), told, format!("write a number from 1 to {most}"));
            default
        }
    }
}
