//! Boxes over the target.

use opsdash_pack::pack::Tone;

use super::{
    Emphasis, Glyphs, Line, action, dim, fit, help, history, plain,
    popup::{InputPosition, Popup},
    runbook, span, targets, width_of,
};
use crate::{
    contract::Part,
    model::{MessageBox, Model, Overlay, Picker, PickerChoice, PickerItem, TargetId},
    text,
};

/// A field in the first line.
const FIRST: Option<InputPosition> = Some(InputPosition { line: 0, rows: 1, column: 0 });

/// Cells of a line of prose at most.
const PROSE: usize = 96;

/// Items of a picker that are drawn at once.
const PICKER_ROWS: usize = 14;

/// The topmost overlay as a box; `None` for the filter, which takes the last line of the screen instead.
#[must_use]
pub fn popup(model: &Model) -> Option<Popup> {
    let popup = match model.overlays.last()? {
        Overlay::Filter { .. } | Overlay::PreviewPending { .. } => return None,
        Overlay::Help { scroll } => {
            Popup { title: "Keys".into(), lines: help::lines(model), scroll: *scroll, columns: 0, input: None }
        }
        Overlay::Picker(picker) => picker_sheet(model, picker),
        Overlay::Facets { at } => facets(model, *at)?,
        Overlay::Act(dialog) => action::popup(model, dialog),
        Overlay::Unlock { target, failed, .. } => arm(model, &model.targets[target.0].name, *failed),
        Overlay::Runbook(pane) => return Some(runbook::popup(model, pane)),
        Overlay::History(pane) => return Some(history::popup(model, pane)),
        Overlay::Told(told) => {
            Popup { title: told.title.clone(), lines: prose(model, told), scroll: told.scroll, columns: 0, input: None }
        }
    };
    let widest = popup.lines.iter().map(|line| width_of(line)).max().unwrap_or(0);
    let least = if popup.input.is_some() { 40 } else { 0 };
    let columns = widest.max(text::width(&popup.title) + 4).max(least);
    Some(Popup { columns, ..popup })
}

fn picker_sheet(model: &Model, picker: &Picker) -> Popup {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let room = usize::from(model.size.0).saturating_sub(6).min(72);
    // The first and the last line of the screen, two of the box and the text field leave this many.
    let height = PICKER_ROWS.min(usize::from(model.size.1).saturating_sub(5)).max(1);
    let top = picker.at.saturating_sub(height - 1);
    let mut lines = vec![Line::new()];
    for (at, place) in picker.fits.iter().enumerate().skip(top).take(height) {
        let item = &picker.items[*place];
        let chosen = at == picker.at;
        let cursor = if chosen { span(glyphs.cursor, Tone::Accent) } else { plain(" ") };
        let emphasis = if chosen { Emphasis::Bold } else { Emphasis::None };
        let mut left = vec![cursor];
        if let Some(severity) = item.severity {
            left.extend([glyphs.severity(severity), plain(" ")]);
        }
        left.extend([plain(item.label.clone()).with(emphasis), plain("  ")]);
        // What it is called comes before what stands beside it.
        let beside = room.saturating_sub(width_of(&left) + 1).max(room / 3);
        let note = note(model, item);
        let note = vec![dim(text::cut(&note, beside, glyphs.ellipsis).into_owned())];
        lines.push(super::justify(left, note, room, glyphs.ellipsis));
    }
    if picker.fits.is_empty() && (picker.scopes.is_none() || !picker.items.is_empty()) {
        lines.push(vec![dim(" nothing fits")]);
    }
    let said = picker.facet.and_then(|facet| choices_state(model, facet));
    let said = said.or(picker.scopes.and_then(|target| scopes_state(model, target)));
    lines.extend(said.map(|said| fit(said, room, glyphs.ellipsis)));
    Popup { title: picker.title.clone(), lines, scroll: 0, columns: 0, input: FIRST }
}

/// What is to be said of the scopes of a target: that they have not come, that none has, why they cannot be listed.
fn scopes_state(model: &Model, target: TargetId) -> Option<Line> {
    let target = &model.targets[target.0];
    let (scope, state) = target.pack.scope.as_ref().zip(target.scope.as_ref())?;
    match (&state.list, &state.failure) {
        (_, Some(failure)) => {
            Some(vec![span(format!(" they cannot be listed: {failure}; {}", failure.hint()), Tone::Warn)])
        }
        (None, None) => Some(vec![dim(" asking")]),
        (Some(list), None) if list.items.is_empty() => {
            Some(vec![span(format!(" no {} is listed", scope.title), Tone::Warn)])
        }
        (Some(_), None) => None,
    }
}

/// What stands beside an item. How a target is, is said as it is when drawn.
fn note(model: &Model, item: &PickerItem) -> String {
    let PickerChoice::Target(target) = item.pick else { return item.note.clone() };
    let state = targets::in_short(model, target);
    let gap = if state.is_empty() { "" } else { "   " };
    format!("{state}{gap}{}", item.note)
}

fn facets(model: &Model, at: usize) -> Option<Popup> {
    let panel = model.panel()?;
    let view = model.pack().view(panel.view);
    let glyphs = Glyphs::of(model.appearance.ascii);
    let label = view.facets.iter().map(|facet| text::width(&facet.title)).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (place, (facet, chosen)) in view.facets.iter().zip(&panel.choices.facets).enumerate() {
        let cursor = if place == at { span(glyphs.cursor, Tone::Accent) } else { plain(" ") };
        let mut line = vec![cursor, plain(format!("{:label$}  ", facet.title))];
        let chosen = chosen.as_deref().unwrap_or(facet.default_choice());
        for value in panel.options_of(view, place) {
            let (tone, emphasis) =
                if value == chosen { (Tone::Strong, Emphasis::Reverse) } else { (Tone::Dim, Emphasis::None) };
            line.push(span(format!(" {value} "), tone).with(emphasis));
        }
        lines.push(fit(line, usize::from(model.size.0).saturating_sub(4), glyphs.ellipsis));
    }
    if let Some(said) = choices_state(model, at) {
        lines.extend([Line::new(), said]);
    }
    Some(Popup { title: format!("{}: what the list holds", view.title), lines, scroll: 0, columns: 0, input: None })
}

/// What is to be said of the choices of a facet that has a query: that they have not come, or none has; how to see all.
fn choices_state(model: &Model, facet: usize) -> Option<Line> {
    let panel = model.panel()?;
    let view = model.pack().view(panel.view);
    let query = view.facets.get(facet)?.query.as_ref()?;
    let said = match panel.options.get(&facet) {
        _ if panel.awaited.contains_key(&Part::Choices(facet)) => dim(" asking for the choices"),
        None => dim(" the choices have not been asked for"),
        Some(Err(failure)) => span(format!(" no choices: {failure}"), Tone::Warn),
        Some(Ok(options)) if options.values.is_empty() => dim(format!(" {} returns no choice now", query.file())),
        Some(Ok(options)) if options.truncated => {
            span(format!(" only the first {} choices are here", options.values.len()), Tone::Warn)
        }
        Some(Ok(_)) if matches!(model.overlays.last(), Some(Overlay::Facets { .. })) => dim(" Enter lists the choices"),
        Some(Ok(_)) => return None,
    };
    Some(vec![said])
}

/// Paragraphs on as many lines as they take.
fn prose(model: &Model, told: &MessageBox) -> Vec<Line> {
    let room = usize::from(model.size.0).saturating_sub(6).min(PROSE);
    let lines = told.text.iter().flat_map(|paragraph| text::wrap(paragraph, room));
    lines.map(|line| vec![plain(line)]).collect()
}

/// The last line that the topmost text can be scrolled to.
#[must_use]
pub fn last_line(model: &Model) -> usize {
    let rows = usize::from(model.size.1).saturating_sub(4);
    match model.overlays.last() {
        Some(Overlay::Told(told)) => prose(model, told).len().saturating_sub(rows),
        _ => 0,
    }
}

fn arm(model: &Model, target: &str, failed: bool) -> Popup {
    let mut lines = vec![
        Line::new(),
        vec![dim("Until 10 minutes have passed without a key, its rows can be written to.")],
        vec![dim("Type its name, then Enter. Esc leaves it protected.")],
    ];
    if failed {
        lines.push(vec![span("This is not its name.", Tone::Warn)]);
    }
    let room = usize::from(model.size.0).saturating_sub(4);
    let lines = lines.into_iter().map(|line| fit(line, room, "")).collect();
    Popup { title: format!("{target} is protected"), lines, scroll: 0, columns: 0, input: FIRST }
}
