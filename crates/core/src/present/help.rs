//! Every key, made from the key table and the links of the view on screen.

use super::{Emphasis, Line, dim, plain, span};
use crate::{
    command::{Command, Group, TABLE},
    model::Model,
    pack::Tone,
};

/// The lines of the help.
#[must_use]
pub fn lines(model: &Model) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(panel) = model.panel() {
        let view = model.pack().view(panel.view);
        if !view.links.is_empty() {
            lines.push(heading(&format!("From a row of {}", view.title)));
            lines.extend(view.links.iter().map(|link| key(&format!("g {}", link.press), &link.title)));
            lines.push(Line::new());
        }
    }
    for group in Group::ALL {
        lines.push(heading(group.title()));
        let is_shown = |command: Command| !matches!(command, Command::Tab(at) if at > 0);
        for entry in TABLE.iter().filter(|entry| entry.group == group && is_shown(entry.command)) {
            let (keys, help) = match entry.command {
                Command::Tab(_) => ("1 .. 9, 0".to_owned(), "open a tab"),
                command => (model.keymap.keys_of(command).join(", "), entry.help),
            };
            lines.push(key(&keys, help));
        }
        lines.push(Line::new());
    }
    lines.push(heading("Signs"));
    let glyphs = super::Glyphs::of(model.look.ascii);
    for (severity, meaning) in [
        (crate::value::Severity::Crit, "crit: somebody should look now"),
        (crate::value::Severity::Unknown, "unknown: not known, never counted as ok"),
        (crate::value::Severity::Warn, "warn: somebody should look today"),
        (crate::value::Severity::Ok, "ok"),
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

fn key(keys: &str, help: &str) -> Line {
    vec![span(format!("  {keys:<14}"), Tone::Accent), dim(format!(" {help}"))]
}
