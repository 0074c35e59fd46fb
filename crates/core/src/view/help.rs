//! Every key, made from the key table and the links of the view on screen.

use opsdash_pack::{
    command::{Command, CommandGroup, TABLE},
    pack::Tone,
};

use super::{Emphasis, Line, dim, plain, span};
use crate::{
    available::{action_view, why_not_act},
    model::Model,
    selection::selection,
    text,
};

/// Cells for keys.
const KEY_CELLS: usize = 14;

/// The lines of the help.
#[must_use]
pub fn lines(model: &Model) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(panel) = model.panel() {
        let view = model.pack().view(panel.view);
        if !view.links.is_empty() {
            lines.push(heading(&format!("From a row of {}", view.title)));
            lines.extend(view.links.iter().flat_map(|link| key(model, &format!("g {}", link.press), &link.title)));
            lines.push(Line::new());
        }
    }
    if let Some((target, view)) = action_view(model) {
        let target = &model.targets[target.0];
        let view = target.pack.view(view);
        if !view.actions.is_empty() {
            lines.push(heading(&format!("Actions on rows of {}", view.title)));
            let chosen = selection(model).ok();
            for (at, action) in view.actions.iter().enumerate() {
                let why = chosen.as_ref().and_then(|chosen| why_not_act(model, chosen, at));
                let help = why.map_or_else(|| action.title.clone(), |why| format!("{}: off, {why}", action.title));
                lines.extend(key(model, &action.press.to_string(), &help));
            }
            lines.push(Line::new());
        }
    }
    for group in CommandGroup::ALL {
        lines.push(heading(group.title()));
        let is_shown = |command: Command| !matches!(command, Command::Tab(at) if at > 0);
        for entry in TABLE.iter().filter(|entry| entry.group == group && is_shown(entry.command)) {
            let (keys, help) = match entry.command {
                Command::Tab(_) => ("1 .. 9, 0".to_owned(), "open a tab; again: its next view, where it has several"),
                command => (model.keymap.keys_of(command).join(", "), entry.help),
            };
            lines.extend(key(model, &keys, help));
        }
        lines.push(Line::new());
    }
    lines.push(heading("Signs"));
    let glyphs = super::Glyphs::of(model.appearance.ascii);
    for (severity, meaning) in [
        (crate::value::Severity::Crit, "crit: somebody should look now"),
        (crate::value::Severity::Unknown, "unknown: not known, never counted as ok"),
        (crate::value::Severity::Warn, "warn: somebody should look today"),
        (crate::value::Severity::Ok, "ok"),
        (crate::value::Severity::Off, "off: not meant to be judged"),
    ] {
        lines.push(vec![plain("  "), glyphs.severity(severity), plain(format!("  {meaning}"))]);
    }
    lines.push(vec![plain("  "), span(glyphs.stale, Tone::Unknown), plain("  old: the last asking failed")]);
    lines
}

/// How many lines the help has.
#[must_use]
pub fn line_count(model: &Model) -> usize {
    lines(model).len()
}

fn heading(title: &str) -> Line {
    vec![span(title, Tone::Strong).with(Emphasis::Bold)]
}

/// Keys and what they do, on as many lines as it takes.
fn key(model: &Model, keys: &str, help: &str) -> Vec<Line> {
    // Two blanks before the keys and one after them; the box takes two cells at each side.
    let room = usize::from(model.size.0).saturating_sub(KEY_CELLS.max(text::width(keys)) + 7).max(20);
    let lines = text::wrap(help, room).into_iter().enumerate();
    lines
        .map(|(at, help)| {
            let keys = if at == 0 { keys } else { "" };
            vec![span(format!("  {keys:<KEY_CELLS$}"), Tone::Accent), dim(format!(" {help}"))]
        })
        .collect()
}
