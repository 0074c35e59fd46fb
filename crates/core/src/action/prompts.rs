//! What the operator gives, held against what is asked.

use std::collections::BTreeMap;

use jiff::{civil::DateTime, tz::TimeZone};
use opsdash_pack::{
    document::suggest,
    pack::{Action, CHOICES, Prompt, PromptKind},
};

use super::TextRow;
use crate::{text::is_inert, time::Time};

/// Characters of a text at most.
pub const NOTE: usize = 4_000;

/// The values to bind: each within its bounds, dates as `2030-01-31 00:00:00` in the zone of the source's naive times.
///
/// # Errors
/// With a sentence for everything that is wrong.
pub fn check_asked(
    action: &Action,
    given: &[(String, String)],
    now: Time,
    zone: &TimeZone,
) -> Result<BTreeMap<String, String>, Vec<String>> {
    let mut wrong = Vec::new();
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in given {
        let Some(ask) = action.prompts.iter().find(|ask| ask.name == *name) else {
            let known = action.prompts.iter().map(|ask| ask.name.as_str());
            wrong.push(format!("the action does not ask \"{name}\": {}", suggest(name, known)));
            continue;
        };
        if values.contains_key(name) {
            wrong.push(format!("{name} is given twice"));
        }
        match check_ask(ask, value, now, zone) {
            Ok(value) => values.extend(value.map(|value| (name.clone(), value))),
            Err(why) => wrong.push(format!("{name}: {why}")),
        }
    }
    let is_given = |ask: &&Prompt| given.iter().any(|(name, _)| *name == ask.name);
    for ask in action.prompts.iter().filter(|ask| !ask.optional && !is_given(ask)) {
        wrong.push(format!("{} is asked: {}", ask.name, ask.prompt));
    }
    if wrong.is_empty() { Ok(values) } else { Err(wrong) }
}

/// The prompt with the choices that the look found for its rows. What it has found for the first of them is offered for all.
#[must_use]
pub fn with_choices(ask: &Prompt, looked: &[TextRow]) -> Prompt {
    let kind = match &ask.kind {
        PromptKind::Found => {
            let name = format!("{CHOICES}{}", ask.name);
            let found = looked.first().and_then(|row| row.get(&name)).flatten();
            PromptKind::Choice(found.and_then(|list| serde_json::from_str(list).ok()).unwrap_or_default())
        }
        kind => kind.clone(),
    };
    Prompt { kind, ..ask.clone() }
}

/// The answers that are none of the choices that the look found, each with what there is.
pub(super) fn check_found(action: &Action, asked: &BTreeMap<String, String>, looked: &[TextRow]) -> Vec<String> {
    let found = action.prompts.iter().filter(|ask| ask.kind == PromptKind::Found);
    let wrong = found.filter_map(|ask| {
        let value = asked.get(&ask.name)?;
        let PromptKind::Choice(choices) = with_choices(ask, looked).kind else { return None };
        let is_one = choices.contains(value);
        (!is_one).then(|| format!("{}: \"{value}\": {}", ask.name, suggest(value, choices.iter().map(String::as_str))))
    });
    wrong.collect()
}

/// The value to bind; `None` where nothing was given and need not be.
///
/// # Errors
/// With what is wrong with it.
pub fn check_ask(ask: &Prompt, value: &str, now: Time, zone: &TimeZone) -> Result<Option<String>, String> {
    if value.trim().is_empty() {
        return if ask.optional { Ok(None) } else { Err("it is empty".into()) };
    }
    let count = value.chars().count();
    if count > NOTE {
        return Err(format!("it has {count} characters; {NOTE} are allowed"));
    }
    let lines = matches!(ask.kind, PromptKind::Multiline);
    let is_allowed = |c: char| is_inert(c) && (lines || !matches!(c, '\n' | '\t'));
    if let Some(c) = value.chars().find(|c| !is_allowed(*c)) {
        return Err(format!(
            "it holds the character U+{:04X}, which acts on a terminal or hides in a text",
            u32::from(c)
        ));
    }
    match &ask.kind {
        // What is found is known after the look alone.
        PromptKind::Text | PromptKind::Multiline | PromptKind::Found => Ok(Some(value.to_owned())),
        PromptKind::Choice(choices) if choices.iter().any(|choice| choice == value) => Ok(Some(value.to_owned())),
        PromptKind::Choice(choices) => {
            Err(format!("\"{value}\": {}", suggest(value, choices.iter().map(String::as_str))))
        }
        PromptKind::Date { future } => date(value, *future, now, zone).map(Some),
    }
}

fn date(value: &str, future: bool, now: Time, zone: &TimeZone) -> Result<String, String> {
    let unfit = || format!("\"{value}\" is no date: write 2030-01-31, or with a time 2030-01-31 18:00");
    // With a zone of its own it is that moment, wherever the source is.
    let given: DateTime = match value.parse::<jiff::Timestamp>() {
        Ok(moment) => zone.to_datetime(moment),
        Err(_) => value.parse().map_err(|_| unfit())?,
    };
    let moment = zone.to_timestamp(given).map_err(|_| unfit())?;
    if future && moment.as_microsecond() <= now.0 {
        return Err(format!("{} is in the past", given.strftime("%Y-%m-%d %H:%M:%S")));
    }
    Ok(given.strftime("%Y-%m-%d %H:%M:%S").to_string())
}
