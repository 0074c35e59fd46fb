//! The runbook for people.

use opsdash_core::{checklist::TickState, format, text, time::Zone};
use opsdash_pack::pack::{Hazard, RunbookEntry, ToCopy};

use super::{Page, line};
use crate::cli::output::OutputStyle;

/// Cells of a line of prose at most.
const PROSE: usize = 100;

/// A page of text.
pub fn render(page: &Page, style: OutputStyle) -> String {
    let cells = usize::from(style.columns).min(PROSE);
    let mut lines = vec![format!("Runbook of {} ({})", line(&page.pack().title), page.target.name)];
    let mut section = "";
    for entry in &page.entries {
        if entry.section != section {
            section = &entry.section;
            lines.extend([String::new(), line(section)]);
        }
        lines.extend(entry_lines(entry, cells));
    }
    for list in &page.lists {
        lines.extend([String::new(), format!("{}  ({})", line(&list.title), list.id)]);
        let mut phase = "";
        for tick in &list.ticks {
            if tick.phase != phase {
                phase = &tick.phase;
                lines.push(format!("  {}", line(phase)));
            }
            lines.extend(tick_lines(&tick.says, &page.tick(list, tick), cells));
        }
    }
    let unfilled: Vec<String> = page.pack().runbook.unfilled().map(|name| format!("[{}]", line(name))).collect();
    if !unfilled.is_empty() {
        lines.extend([String::new(), format!("not filled in: {}", unfilled.join(", "))]);
    }
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n") + "\n"
}

/// A text below an indent, inert, on as many lines as it takes.
fn wrapped(body: &str, indent: usize, cells: usize) -> impl Iterator<Item = String> {
    let wrapped = text::wrap(&text::inert(body), cells.saturating_sub(indent));
    wrapped.into_iter().map(move |line| format!("{:indent$}{line}", ""))
}

fn entry_lines(entry: &RunbookEntry, cells: usize) -> Vec<String> {
    let label = entry.hazard().filter(|hazard| **hazard != Hazard::Safe);
    let label = label.map(|hazard| format!("  {}", hazard.label())).unwrap_or_default();
    let mut lines = vec![String::new(), format!("  {}  ({}){label}", line(&entry.title), entry.id)];
    for prose in [&entry.when, &entry.text].into_iter().filter(|prose| !prose.is_empty()) {
        lines.extend(wrapped(prose, 4, cells));
    }
    for (number, step) in entry.steps.iter().enumerate() {
        let number = format!("    {}. ", number + 1);
        let says = wrapped(&step.says, number.len(), cells);
        lines.extend(says.enumerate().map(|(row, says)| match row {
            0 => format!("{number}{}", says.trim_start()),
            _ => says,
        }));
        // A command is not wrapped: it is there to be copied.
        let copy = step.copy.as_ref().map(|copy| text::inert(ToCopy::text(copy)).into_owned()).unwrap_or_default();
        lines.extend(copy.lines().map(|copy| format!("{:1$}{copy}", "", number.len() + 4)));
        if let Some(hazard) = step.hazard() {
            let said = hazard.sentence().map(|sentence| format!(": {sentence}")).unwrap_or_default();
            lines.extend(wrapped(&format!("{}{said}", hazard.label()), number.len(), cells));
        }
    }
    lines
}

fn tick_lines(says: &str, state: &TickState, cells: usize) -> Vec<String> {
    let mark = match state {
        TickState::Ticked(_) => "[x]",
        TickState::Open(_) => "[ ]",
        TickState::Unknown(_) => "[?]",
    };
    let by = match state {
        TickState::Ticked(Some(set)) => format!("  ({}, {})", line(&set.by), format::time(set.at, &Zone::Utc)),
        _ => String::new(),
    };
    let said = format!("{}{by}", line(says));
    let said = wrapped(&said, 8, cells);
    let said = said.enumerate().map(|(row, said)| match row {
        0 => format!("    {mark} {}", said.trim_start()),
        _ => said,
    });
    let why = (!state.why().is_empty()).then(|| wrapped(state.why(), 8, cells)).into_iter().flatten();
    said.chain(why).collect()
}
