//! The runbook for tickets.

use opsdash_core::{checklist::TickState, format, text, time::Zone};
use opsdash_pack::pack::{RunbookEntry, ToCopy};

use super::{Page, line};

/// A page of Markdown.
pub fn render(page: &Page) -> String {
    let mut parts = vec![format!("# Runbook of {} ({})", escaped(&page.pack().title), escaped(&page.target.name))];
    let mut section = "";
    for entry in &page.entries {
        if entry.section != section {
            section = &entry.section;
            parts.push(format!("## {}", escaped(section)));
        }
        parts.extend(entry_parts(entry));
    }
    for list in &page.lists {
        parts.push(format!("## {}", escaped(&list.title)));
        let mut phase = "";
        let mut ticks = Vec::new();
        for tick in &list.ticks {
            if tick.phase != phase {
                phase = &tick.phase;
                parts.extend((!ticks.is_empty()).then(|| std::mem::take(&mut ticks).join("\n")));
                parts.push(format!("### {}", escaped(phase)));
            }
            ticks.push(tick_line(&tick.says, &page.tick(list, tick)));
        }
        parts.push(ticks.join("\n"));
    }
    parts.join("\n\n") + "\n"
}

/// Prose that means nothing to Markdown.
fn escaped(raw: &str) -> String {
    let special = |c: char| matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~');
    line(raw).chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

fn entry_parts(entry: &RunbookEntry) -> Vec<String> {
    let mut parts = vec![format!("### {}", escaped(&entry.title))];
    parts.extend((!entry.when.is_empty()).then(|| format!("*{}*", escaped(&entry.when))));
    parts.extend(entry.text.split("\n\n").filter(|prose| !prose.is_empty()).map(escaped));
    for (number, step) in entry.steps.iter().enumerate() {
        let mut lines = vec![format!("{}. {}", number + 1, escaped(&step.says))];
        match &step.copy {
            Some(ToCopy::Command { command, hazard }) => {
                let said = hazard.sentence().map(|sentence| format!(": {}", escaped(&sentence))).unwrap_or_default();
                lines.push(format!("   **{}**{said}", hazard.label()));
                lines.push(fenced(&text::inert(command)));
            }
            Some(ToCopy::Url(url)) => lines.push(format!("   <{}>", line(url).replace(['<', '>', ' '], ""))),
            None => {}
        }
        parts.push(lines.join("\n\n"));
    }
    parts
}

/// A block of code below a step, in more backticks than it has itself.
fn fenced(command: &str) -> String {
    let longest = command.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: Vec<String> = command.lines().map(|line| format!("   {line}")).collect();
    format!("   {fence}\n{}\n   {fence}", lines.join("\n"))
}

fn tick_line(says: &str, state: &TickState) -> String {
    let says = escaped(says);
    match state {
        TickState::Ticked(Some(set)) => {
            format!("- [x] {says} ({}, {})", escaped(&set.by), format::time(set.at, &Zone::Utc))
        }
        TickState::Ticked(None) => format!("- [x] {says}"),
        TickState::Open(why) if why.is_empty() => format!("- [ ] {says}"),
        TickState::Open(why) => format!("- [ ] {says}: {}", escaped(why)),
        TickState::Unknown(why) => format!("- [ ] {says}: unknown, {}", escaped(why)),
    }
}
