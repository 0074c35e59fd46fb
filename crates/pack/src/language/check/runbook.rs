//! `runbook.toml`: entries, checklists, placeholders.

use std::collections::{BTreeMap, BTreeSet};

use super::{Name, Resolver};
use crate::{
    document::Problems,
    language::words::{RawChecklist, RawRunbook, RawRunbookFile, RawStep, RawTick},
    pack::{Checklist, Hazard, Runbook, RunbookEntry, RunbookStep, Tick, TickedBy, ToCopy},
};

/// Entries and checklists with their names resolved and their placeholders filled.
pub(super) fn validate_runbook(resolver: &Resolver, raw: &RawRunbookFile, problems: &mut Problems) -> Runbook {
    validate_texts(resolver, raw, problems);
    let texts = Texts { placeholders: &raw.placeholder };
    let entries = sorted_by_heading(&raw.runbook, |entry| entry.section.as_ref());
    let entries = entries.into_iter().map(|entry| validate_entry(resolver, &texts, entry, problems)).collect();
    let lists = raw.checklist.iter();
    let mut runbook = Runbook { entries, ..Runbook::default() };
    runbook.checklists = lists.map(|list| validate_checklist(resolver, &texts, &runbook, list, problems)).collect();
    runbook.placeholders = raw.placeholder.iter().map(|(name, text)| (name.get_ref().clone(), text.clone())).collect();
    runbook
}

/// No text acts on a terminal, and every placeholder stands in one.
fn validate_texts(resolver: &Resolver, raw: &RawRunbookFile, problems: &mut Problems) {
    for text in raw.texts().filter(|text| text.get_ref().chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t'))) {
        problems.add(resolver.location_of(text), "a text with a control character", "remove it");
    }
    for (name, text) in &raw.placeholder {
        let written = bracketed(name.get_ref());
        if !raw.texts().any(|known| known.get_ref().contains(&written)) {
            let what = format!("no text has the placeholder {written}");
            problems.add(resolver.location_of(name), what, format!("write {written} in a text, or remove it"));
        }
        if text.chars().any(char::is_control) {
            let what = format!("the placeholder {written} has a control character");
            problems.add(resolver.location_of(name), what, "remove it");
        }
    }
}

fn bracketed(name: &str) -> String {
    format!("[{name}]")
}

/// Fills placeholders.
struct Texts<'a> {
    placeholders: &'a BTreeMap<Name, String>,
}

impl Texts<'_> {
    fn filled(&self, text: &Name) -> String {
        let known = self.placeholders.iter().filter(|(_, filled)| !filled.is_empty());
        known.fold(text.get_ref().clone(), |text, (name, filled)| text.replace(&bracketed(name.get_ref()), filled))
    }

    fn perhaps(&self, text: Option<&Name>) -> String {
        text.map(|text| self.filled(text)).unwrap_or_default()
    }
}

/// In their order, except that those under one heading follow the first of them.
fn sorted_by_heading<T>(all: &[T], heading: impl Fn(&T) -> Option<&Name>) -> Vec<&T> {
    let heading = |item: &T| heading(item).map(|name| name.get_ref().clone());
    let mut positioned: Vec<(usize, &T)> = all
        .iter()
        .map(|item| (all.iter().position(|other| heading(other) == heading(item)).unwrap_or_default(), item))
        .collect();
    // A stable sort: under a heading the order stays.
    positioned.sort_by_key(|(position, _)| *position);
    positioned.into_iter().map(|(_, item)| item).collect()
}

fn validate_entry(resolver: &Resolver, texts: &Texts<'_>, raw: &RawRunbook, problems: &mut Problems) -> RunbookEntry {
    resolver.validate_id("runbook entry", &raw.id, problems);
    if raw.step.is_empty() && raw.text.is_none() {
        let what = format!("the runbook entry \"{}\" says nothing", raw.id.get_ref());
        problems.add(resolver.location_of(&raw.id), what, "give it a text, or a [[runbook.step]]");
    }
    RunbookEntry {
        id: raw.id.get_ref().clone(),
        section: texts.perhaps(raw.section.as_ref()),
        title: texts.filled(&raw.title),
        when: texts.perhaps(raw.when.as_ref()),
        text: texts.perhaps(raw.text.as_ref()).trim().to_owned(),
        steps: raw.step.iter().map(|step| validate_step(resolver, texts, step, problems)).collect(),
    }
}

fn validate_step(resolver: &Resolver, texts: &Texts<'_>, raw: &RawStep, problems: &mut Problems) -> RunbookStep {
    if let (Some(_), Some(url)) = (&raw.command, &raw.url) {
        problems.add(
            resolver.location_of(url),
            "a step with a \"command\" and a \"url\"",
            "make two steps of it: one thing is copied at a time",
        );
    }
    let hazard = validate_hazard(resolver, texts, raw, problems);
    let command = raw.command.as_ref().map(|command| ToCopy::Command {
        command: texts.filled(command).trim_end().to_owned(),
        // After the problem the pack does not load, so that nothing shows this label.
        hazard: hazard.unwrap_or(Hazard::Safe),
    });
    let url = || raw.url.as_ref().map(|url| ToCopy::Url(texts.filled(url)));
    RunbookStep { says: texts.filled(&raw.says), copy: command.or_else(url) }
}

/// A command has a label, and a label that warns says of what.
fn validate_hazard(resolver: &Resolver, texts: &Texts<'_>, raw: &RawStep, problems: &mut Problems) -> Option<Hazard> {
    let mut only_with = |word: Option<&Name>, name: &str, label: &str| {
        if let Some(word) = word.filter(|_| raw.label.as_ref().is_none_or(|known| known.get_ref() != label)) {
            let what = format!("\"{name}\" in a step that is not labelled {label}");
            problems.add(resolver.location_of(word), what, format!("remove it, or write label = \"{label}\""));
        }
    };
    let [safe, locking, destructive] = Hazard::LABELS;
    only_with(raw.locks.as_ref(), "locks", locking);
    only_with(raw.loses.as_ref(), "loses", destructive);
    let label = match (&raw.label, &raw.command) {
        (Some(label), Some(_)) => label,
        (Some(label), None) => {
            problems.add(resolver.location_of(label), "a label without a command", "remove it, or add the command");
            return None;
        }
        (None, Some(command)) => {
            let remedy = format!("add label = \"{safe}\", \"{locking}\" or \"{destructive}\"");
            problems.add(resolver.location_of(command), "a command without a label", remedy);
            return None;
        }
        (None, None) => return None,
    };
    let mut said = |word: Option<&Name>, name: &str, of_what: &str| {
        if word.is_none() {
            let what = format!("a {} command that does not say what it {name}", label.get_ref());
            problems.add(resolver.location_of(label), what, format!("add {name} = \"{of_what}\""));
        }
        texts.perhaps(word)
    };
    match label.get_ref().as_str() {
        word if word == safe => Some(Hazard::Safe),
        word if word == locking => {
            Some(Hazard::Locking(said(raw.locks.as_ref(), "locks", "every write to the table until it ends")))
        }
        word if word == destructive => {
            Some(Hazard::Destructive(said(raw.loses.as_ref(), "loses", "all rows since the last backup")))
        }
        _ => {
            resolver.add_unknown("label", label, Hazard::LABELS, problems);
            None
        }
    }
}

fn validate_checklist(
    resolver: &Resolver,
    texts: &Texts<'_>,
    runbook: &Runbook,
    raw: &RawChecklist,
    problems: &mut Problems,
) -> Checklist {
    resolver.validate_id("checklist", &raw.id, problems);
    if raw.tick.is_empty() {
        let what = format!("the checklist \"{}\" has nothing to tick", raw.id.get_ref());
        problems.add(resolver.location_of(&raw.id), what, "add a [[checklist.tick]]");
    }
    let is_kept = |tick: &&RawTick| {
        let view = tick.view.as_ref().map(Name::get_ref);
        !view.is_some_and(|view| resolver.disabled.contains(view))
    };
    let ticks = sorted_by_heading(&raw.tick, |tick| tick.phase.as_ref()).into_iter().filter(is_kept);
    Checklist {
        id: raw.id.get_ref().clone(),
        title: texts.filled(&raw.title),
        ticks: ticks.filter_map(|tick| validate_tick(resolver, texts, runbook, tick, problems)).collect(),
    }
}

fn validate_tick(
    resolver: &Resolver,
    texts: &Texts<'_>,
    runbook: &Runbook,
    raw: &RawTick,
    problems: &mut Problems,
) -> Option<Tick> {
    resolver.validate_id("tick", &raw.id, problems);
    let entry = raw.runbook.as_ref().and_then(|id| {
        let found = runbook.find(id.get_ref());
        if found.is_none() {
            let known: BTreeSet<&str> = runbook.entries.iter().map(|entry| entry.id.as_str()).collect();
            resolver.add_unknown("runbook entry", id, known, problems);
        }
        found
    });
    let decided = match (&raw.view, &raw.row) {
        (None, None) => TickedBy::Hand,
        (None, Some(row)) => {
            problems.add(resolver.location_of(row), "a \"row\" without a \"view\"", "add the view that has the row");
            return None;
        }
        (Some(view), row) => {
            let id = resolver.view(view, problems)?;
            let is_hidden = resolver.views.get(view.get_ref()).is_none_or(|view| view.hidden);
            if let Some(row) = row.as_ref().filter(|_| !is_hidden) {
                let what = format!("a \"row\" of \"{}\", which is a tab", view.get_ref());
                let remedy = "name a hidden view: of a tab only the rows with trouble are always known";
                problems.add(resolver.location_of(row), what, remedy);
            }
            TickedBy::View { view: id, row: row.as_ref().map(|row| row.get_ref().clone()) }
        }
    };
    Some(Tick {
        id: raw.id.get_ref().clone(),
        phase: texts.perhaps(raw.phase.as_ref()),
        says: texts.filled(&raw.says),
        decided,
        runbook: entry,
    })
}
