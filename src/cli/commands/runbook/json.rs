//! The runbook for programs.

use opsdash_core::{checklist::TickState, format};
use opsdash_pack::pack::{Checklist, Hazard, RunbookEntry, RunbookStep, Tick, TickedBy, ToCopy};
use serde_json::{Value as Json, json};

use super::Page;
use crate::export::json;

/// A document.
pub fn render(page: &Page) -> Json {
    json!({
        "schema": json::SCHEMA,
        "target": page.target.name,
        "system": page.pack().system,
        "unfilled": page.pack().runbook.unfilled().collect::<Vec<_>>(),
        "entries": page.entries.iter().map(entry).collect::<Json>(),
        "checklists": page.lists.iter().map(|list| checklist(page, list)).collect::<Json>(),
    })
}

/// What is not said is null.
fn said(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn entry(entry: &RunbookEntry) -> Json {
    json!({
        "id": entry.id,
        "section": said(&entry.section),
        "title": entry.title,
        "when": said(&entry.when),
        "text": said(&entry.text),
        "label": entry.hazard().map(Hazard::label),
        "steps": entry.steps.iter().map(step).collect::<Json>(),
    })
}

fn step(step: &RunbookStep) -> Json {
    let (command, url) = match &step.copy {
        Some(ToCopy::Command { command, .. }) => (Some(command), None),
        Some(ToCopy::Url(url)) => (None, Some(url)),
        None => (None, None),
    };
    let (locks, loses) = match step.hazard() {
        Some(Hazard::Locking(what)) => (Some(what), None),
        Some(Hazard::Destructive(what)) => (None, Some(what)),
        Some(Hazard::Safe) | None => (None, None),
    };
    json!({
        "says": step.says,
        "command": command,
        "url": url,
        "label": step.hazard().map(Hazard::label),
        "locks": locks,
        "loses": loses,
    })
}

fn checklist(page: &Page, list: &Checklist) -> Json {
    json!({
        "id": list.id,
        "title": list.title,
        "ticks": list.ticks.iter().map(|one| tick(page, list, one)).collect::<Json>(),
    })
}

fn tick(page: &Page, list: &Checklist, tick: &Tick) -> Json {
    let state = page.tick(list, tick);
    let set = match &state {
        TickState::Ticked(set) => set.as_ref(),
        TickState::Open(_) | TickState::Unknown(_) => None,
    };
    let view = match tick.decided {
        TickedBy::View { view, .. } => Some(&page.pack().view(view).id),
        TickedBy::Hand => None,
    };
    json!({
        "id": tick.id,
        "phase": said(&tick.phase),
        "says": tick.says,
        "state": state.word(),
        "why": said(state.why()),
        "by": set.map(|set| &set.by),
        "at": set.map(|set| format::rfc3339(set.at)),
        "view": view,
        "runbook": tick.runbook.map(|entry| &page.pack().runbook.entries[entry].id),
    })
}
