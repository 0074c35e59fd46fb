//! What the operator gives, held against what is asked.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use opsdash_pack::{
    document::{parse_ms, suggest},
    pack::{Action, CHOICES, Prompt, PromptKind},
};

use super::TextRow;
use crate::{
    format,
    text::is_inert,
    time::{Time, Zone},
};

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
        match check_ask(ask, value, now, (zone, zone)) {
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

/// The value to bind; `None` where nothing was given and need not be. A time is read in the first zone, where it does not
/// name its own, and bound in the second: that of the source's naive times.
///
/// # Errors
/// With what is wrong with it.
pub fn check_ask(
    ask: &Prompt,
    value: &str,
    now: Time,
    zones: (&TimeZone, &TimeZone),
) -> Result<Option<String>, String> {
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
        PromptKind::Date { future } => date(value, *future, now, zones).map(Some),
    }
}

fn date(value: &str, future: bool, now: Time, (zone, stored): (&TimeZone, &TimeZone)) -> Result<String, String> {
    let unfit = || format!("\"{value}\" is no date: write 2030-01-31, with a time 2030-01-31 18:00, or from now +30d");
    let moment = moment(value, now, zone).ok_or_else(unfit)?;
    if future && moment.as_microsecond() <= now.0 {
        return Err(format!("{} is in the past", zone.to_datetime(moment).strftime("%Y-%m-%d %H:%M:%S")));
    }
    Ok(stored.to_datetime(moment).strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// The moment that a text means: a day, a day with a time, or a length of time from now. With a zone of its own it is that
/// moment, wherever it is typed.
fn moment(value: &str, now: Time, zone: &TimeZone) -> Option<Timestamp> {
    let value = value.trim();
    if let Some(length) = value.strip_prefix('+') {
        let length = length.trim_start();
        let length = length.starts_with(|c: char| c.is_ascii_digit()).then_some(length)?;
        let ms = i64::try_from(parse_ms(length)?).ok()?;
        return Timestamp::from_microsecond(now.0.checked_add(ms.checked_mul(1_000)?)?).ok();
    }
    value.parse().ok().or_else(|| zone.to_timestamp(value.parse::<DateTime>().ok()?).ok())
}

/// What a time that is being typed means: where it is read, in UTC, and how far it is. `None` where nothing of it is
/// understood yet, or no time is asked.
#[must_use]
pub fn echo(ask: &Prompt, typed: &str, now: Time, zone: &Zone) -> Option<String> {
    let PromptKind::Date { .. } = ask.kind else { return None };
    let at = Time(moment(typed, now, &zone.to_time_zone())?.as_microsecond());
    let utc = match zone {
        Zone::Utc => String::new(),
        Zone::Local(_) => format!(" = {}", format::time(at, &Zone::Utc)),
    };
    Some(format!("{}{utc}, {}", format::time(at, zone), format::countdown(at, now)))
}
