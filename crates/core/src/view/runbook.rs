//! The pane of the runbook and the checklists: what there is to do and to tick. Nothing of it is run.

use opsdash_pack::{
    command::Command,
    pack::{Checklist, Hazard, RunbookEntry, RunbookStep, ToCopy, Tone},
};

use super::{
    Emphasis, Glyphs, Line, dim, fit, justify, plain,
    popup::{InputPosition, Popup},
    span, width_of,
};
use crate::{
    checklist::{self, TickState},
    format,
    model::{Model, RunbookPane, RunbookPlace, TargetState},
    text,
};

/// Cells of a line at most.
const WIDEST: usize = 110;
/// Cells before the text of an entry: the cursor and a blank.
const MARGIN: usize = 2;
/// Cells before what stands in an unfolded entry.
const INDENT: usize = 4;
/// Lines above those that are scrolled: the search, or what there is.
const HEAD: usize = 1;

/// One line of the pane.
struct PaneLine {
    line: Line,
    /// Where the cursor is when it is on this line; `None` where it cannot be.
    place: Option<RunbookPlace>,
}

/// The pane as a box, always of the same size: it does not jump when an entry is unfolded.
#[must_use]
pub fn popup(model: &Model, pane: &RunbookPane) -> Popup {
    let rows = rows(model);
    let drawer = Drawer::new(model, pane);
    let mut lines = vec![drawer.head()];
    lines.extend(drawer.lines().into_iter().skip(pane.top).take(rows).map(|line| line.line));
    lines.resize(rows + HEAD, Line::new());
    let target = &model.targets[pane.target.0];
    let input = pane.search.input.as_ref().map(|_| InputPosition { line: 0, rows: 1, column: MARGIN });
    Popup { title: format!("Runbook of {}", target.pack.title), lines, scroll: 0, columns: columns(model), input }
}

/// Lines of the pane that are scrolled.
fn rows(model: &Model) -> usize {
    usize::from(model.size.1).saturating_sub(4 + HEAD).max(1)
}

fn columns(model: &Model) -> usize {
    usize::from(model.size.0).saturating_sub(4).min(WIDEST)
}

/// Every place of the cursor, from the top.
#[must_use]
pub fn places(model: &Model, pane: &RunbookPane) -> Vec<RunbookPlace> {
    Drawer::new(model, pane).lines().into_iter().filter_map(|line| line.place).collect()
}

/// The first line on screen, so that the cursor is in sight with what belongs to it; the nearest one to `pane.top`.
#[must_use]
pub fn top(model: &Model, pane: &RunbookPane) -> usize {
    let rows = rows(model);
    let lines = Drawer::new(model, pane).lines();
    let Some(at) = lines.iter().position(|line| line.place == Some(pane.at)) else { return 0 };
    // What stands below a place belongs to it, up to the next one; what does not fit is cut at its end.
    let below = lines[at + 1..].iter().take_while(|line| line.place.is_none()).count().min(rows - 1);
    let lowest = (at + below + 1).saturating_sub(rows);
    // The heading above the first place is seen with it.
    let is_first = lines[..at].iter().all(|line| line.place.is_none());
    let highest = if is_first { lowest } else { at };
    pane.top.clamp(lowest, highest).min(lines.len().saturating_sub(rows))
}

/// How many lines a page has.
#[must_use]
pub fn page(model: &Model) -> usize {
    rows(model)
}

/// What `pane.at` would copy; `None` where there is nothing to copy, or more than one thing.
#[must_use]
pub fn copied(target: &TargetState, place: RunbookPlace) -> Option<&ToCopy> {
    let entries = &target.pack.runbook.entries;
    match place {
        RunbookPlace::Step(entry, step) => entries.get(entry)?.steps.get(step)?.copy.as_ref(),
        RunbookPlace::Entry(entry) => {
            let mut all = entries.get(entry)?.steps.iter().filter_map(|step| step.copy.as_ref());
            let first = all.next();
            if all.next().is_none() { first } else { None }
        }
        RunbookPlace::Checklist(_) | RunbookPlace::Tick(..) => None,
    }
}

/// Whether every word of a search is in a text, in whatever case.
fn fits<'t>(search: &str, texts: impl Iterator<Item = &'t str>) -> bool {
    let text = texts.collect::<Vec<_>>().join("\n").to_lowercase();
    search.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// Whether an entry has every word of a search.
#[must_use]
pub fn entry_fits(entry: &RunbookEntry, search: &str) -> bool {
    let steps = entry.steps.iter().flat_map(|step| {
        let copy = step.copy.iter().map(ToCopy::text);
        let hazard = step.hazard().map(Hazard::label);
        std::iter::once(step.says.as_str()).chain(copy).chain(hazard)
    });
    let own = [&entry.id, &entry.section, &entry.title, &entry.when, &entry.text].map(String::as_str);
    fits(search, own.into_iter().chain(steps))
}

/// Whether a checklist has every word of a search.
#[must_use]
pub fn list_fits(list: &Checklist, search: &str) -> bool {
    let ticks = list.ticks.iter().flat_map(|tick| [tick.phase.as_str(), &tick.says]);
    fits(search, [list.id.as_str(), &list.title].into_iter().chain(ticks))
}

/// The tone of what a command does.
fn tone(hazard: &Hazard) -> Tone {
    match hazard {
        Hazard::Safe => Tone::Dim,
        Hazard::Locking(_) => Tone::Warn,
        Hazard::Destructive(_) => Tone::Crit,
    }
}

struct Drawer<'a> {
    model: &'a Model,
    pane: &'a RunbookPane,
    target: &'a TargetState,
    glyphs: &'static Glyphs,
    columns: usize,
}

impl<'a> Drawer<'a> {
    fn new(model: &'a Model, pane: &'a RunbookPane) -> Self {
        let target = &model.targets[pane.target.0];
        Self { model, pane, target, glyphs: Glyphs::of(model.appearance.ascii), columns: columns(model) }
    }

    /// The search that is typed or was, else what there is.
    fn head(&self) -> Line {
        if self.pane.search.input.is_some() {
            return vec![span("/ ", Tone::Accent)];
        }
        if self.pane.search.text.is_empty() {
            return vec![dim("  Commands are copied, and nothing is run from here.")];
        }
        let found = self.lines().iter().filter(|line| line.place.is_some_and(|place| place == place.whole())).count();
        let shown = format!("{found} of {}", self.target.pack.runbook.entries.len() + self.lists().len());
        vec![
            span("/ ", Tone::Accent),
            plain(text::inert(&self.pane.search.text).into_owned()),
            dim(format!("   {shown}")),
        ]
    }

    fn lists(&self) -> &'a [Checklist] {
        &self.target.pack.runbook.checklists
    }

    /// Checklists last: they are looked for by name, entries by what is wrong.
    fn lines(&self) -> Vec<PaneLine> {
        let mut lines = Vec::new();
        let mut section = "";
        let entries = self.target.pack.runbook.entries.iter().enumerate();
        for (at, entry) in entries.filter(|(_, entry)| entry_fits(entry, &self.pane.search.text)) {
            if entry.section != section {
                section = &entry.section;
                self.heading(section, &mut lines);
            }
            self.entry(at, entry, &mut lines);
        }
        let lists = self.lists().iter().enumerate().filter(|(_, list)| list_fits(list, &self.pane.search.text));
        for (at, list) in lists {
            if !lines.iter().any(|line| matches!(line.place, Some(RunbookPlace::Checklist(_)))) {
                self.heading("Checklists", &mut lines);
            }
            self.list(at, list, &mut lines);
        }
        if lines.is_empty() {
            let key = self.model.keymap.key_of(Command::Back);
            lines.push(PaneLine {
                line: vec![dim(format!("  Nothing has these words; {key} shows all."))],
                place: None,
            });
        }
        lines
    }

    fn heading(&self, title: &str, lines: &mut Vec<PaneLine>) {
        if !lines.is_empty() {
            lines.push(PaneLine { line: Line::new(), place: None });
        }
        if !title.is_empty() {
            let line = vec![plain("  "), span(title, Tone::Strong)];
            lines.push(PaneLine { line: fit(line, self.columns, self.glyphs.ellipsis), place: None });
        }
    }

    /// The cursor's cell of a line.
    fn margin(&self, place: RunbookPlace) -> Line {
        let cursor = if self.pane.at == place { span(self.glyphs.cursor, Tone::Accent) } else { plain(" ") };
        vec![cursor, plain(" ")]
    }

    fn is_unfolded(&self, place: RunbookPlace) -> bool {
        self.pane.unfolded.contains(&place)
    }

    fn emphasis(&self, place: RunbookPlace) -> Emphasis {
        if self.pane.at == place { Emphasis::Bold } else { Emphasis::None }
    }

    /// Lines of prose below a place, each with what is unfilled standing out.
    fn prose(&self, body: &str, indent: usize, tone: Tone, lines: &mut Vec<PaneLine>) {
        let room = self.columns.saturating_sub(indent);
        for line in text::wrap(&text::inert(body), room) {
            let mut drawn = vec![plain(" ".repeat(indent))];
            drawn.extend(self.with_placeholders(&line, tone));
            lines.push(PaneLine { line: drawn, place: None });
        }
    }

    /// A text in a tone, placeholders that nobody has filled as warnings.
    fn with_placeholders(&self, body: &str, tone: Tone) -> Line {
        let mut line = Line::new();
        let mut rest = body;
        while let Some((before, name, after)) = self.next_placeholder(rest) {
            line.extend([span(before, tone), span(name, Tone::Warn)]);
            rest = after;
        }
        line.push(span(rest, tone));
        line.retain(|span| !span.text.is_empty());
        line
    }

    fn next_placeholder<'t>(&self, body: &'t str) -> Option<(&'t str, &'t str, &'t str)> {
        let found = self.target.pack.runbook.unfilled().filter_map(|name| {
            let written = format!("[{name}]");
            Some((body.find(&written)?, written.len()))
        });
        let (at, length) = found.min()?;
        Some((&body[..at], &body[at..at + length], &body[at + length..]))
    }

    fn entry(&self, at: usize, entry: &RunbookEntry, lines: &mut Vec<PaneLine>) {
        let place = RunbookPlace::Entry(at);
        let left = [self.margin(place), vec![plain(&*entry.title).with(self.emphasis(place))]].concat();
        // A safe entry needs no word: what stands out are the others.
        let hazard = entry.hazard().filter(|hazard| **hazard != Hazard::Safe);
        let right = hazard.map(|hazard| vec![span(hazard.label(), tone(hazard))]).unwrap_or_default();
        lines.push(PaneLine { line: justify(left, right, self.columns, self.glyphs.ellipsis), place: Some(place) });
        if !self.is_unfolded(place) {
            return;
        }
        if !entry.when.is_empty() {
            self.prose(&entry.when, INDENT, Tone::Dim, lines);
        }
        if !entry.text.is_empty() {
            self.prose(&entry.text, INDENT, Tone::Normal, lines);
        }
        for (number, step) in entry.steps.iter().enumerate() {
            self.step(RunbookPlace::Step(at, number), number + 1, step, lines);
        }
        lines.push(PaneLine { line: Line::new(), place: None });
    }

    fn step(&self, place: RunbookPlace, number: usize, step: &RunbookStep, lines: &mut Vec<PaneLine>) {
        let number = format!("{number}. ");
        let indent = INDENT + text::width(&number);
        let hazard = step.hazard();
        let label = hazard.map(|hazard| vec![span(hazard.label(), tone(hazard))]).unwrap_or_default();
        // The label stands beside the first line, so that no line below runs into it.
        let room = self.columns.saturating_sub(indent + width_of(&label) + usize::from(!label.is_empty()));
        for (row, says) in text::wrap(&text::inert(&step.says), room).iter().enumerate() {
            let says = self.with_placeholders(says, Tone::Normal);
            let says = says.into_iter().map(|span| span.with(self.emphasis(place)));
            if row == 0 {
                let mut left = self.margin(place);
                left.extend([plain(" ".repeat(INDENT - MARGIN)), dim(&*number)]);
                left.extend(says);
                let line = justify(left, label.clone(), self.columns, self.glyphs.ellipsis);
                lines.push(PaneLine { line, place: Some(place) });
            } else {
                let line = std::iter::once(plain(" ".repeat(indent))).chain(says).collect();
                lines.push(PaneLine { line, place: None });
            }
        }
        if let Some(copy) = &step.copy {
            let room = self.columns.saturating_sub(indent + 2);
            for line in text::wrap(&text::inert(copy.text()), room) {
                let mut drawn = vec![plain(" ".repeat(indent)), dim(self.glyphs.bar), plain(" ")];
                drawn.extend(self.with_placeholders(&line, Tone::Accent));
                lines.push(PaneLine { line: drawn, place: None });
            }
        }
        if let Some((hazard, sentence)) = hazard.and_then(|hazard| Some((hazard, hazard.sentence()?))) {
            self.prose(&sentence, indent, tone(hazard), lines);
        }
    }

    fn list(&self, at: usize, list: &Checklist, lines: &mut Vec<PaneLine>) {
        let place = RunbookPlace::Checklist(at);
        let left = [self.margin(place), vec![plain(&*list.title).with(self.emphasis(place))]].concat();
        let counts = checklist::counts(self.target, list);
        let mut right = vec![plain(format!("{} of {} ticked", counts.ticked, list.ticks.len()))];
        if counts.unknown > 0 {
            right.insert(0, span(format!("{} unknown  ", counts.unknown), Tone::Unknown));
        }
        lines.push(PaneLine { line: justify(left, right, self.columns, self.glyphs.ellipsis), place: Some(place) });
        if !self.is_unfolded(place) {
            return;
        }
        let mut phase = "";
        for (number, tick) in list.ticks.iter().enumerate() {
            if tick.phase != phase {
                phase = &tick.phase;
                self.prose(phase, INDENT, Tone::Dim, lines);
            }
            let state = checklist::state(self.target, list, tick);
            self.tick(RunbookPlace::Tick(at, number), &tick.says, &state, lines);
        }
        lines.push(PaneLine { line: Line::new(), place: None });
    }

    fn tick(&self, place: RunbookPlace, says: &str, state: &TickState, lines: &mut Vec<PaneLine>) {
        let (mark, mark_tone) = match state {
            TickState::Ticked(_) => ("[x] ", Tone::Ok),
            TickState::Open(_) => ("[ ] ", Tone::Normal),
            TickState::Unknown(_) => ("[?] ", Tone::Unknown),
        };
        let by = match state {
            TickState::Ticked(Some(set)) => {
                let at = format::time(set.at, &self.model.appearance.zone);
                vec![dim(format!("{}, {at}", text::inert(&format::line(&set.by))))]
            }
            _ => Line::new(),
        };
        let indent = INDENT + text::width(mark);
        let room = self.columns.saturating_sub(indent + width_of(&by) + usize::from(!by.is_empty()));
        for (row, says) in text::wrap(&text::inert(says), room.max(20)).iter().enumerate() {
            let says: Vec<_> = self.with_placeholders(says, Tone::Normal);
            let says = says.into_iter().map(|span| span.with(self.emphasis(place)));
            if row == 0 {
                let mut left = self.margin(place);
                left.extend([plain(" ".repeat(INDENT - MARGIN)), span(mark, mark_tone)]);
                left.extend(says);
                let line = justify(left, by.clone(), self.columns, self.glyphs.ellipsis);
                lines.push(PaneLine { line, place: Some(place) });
            } else {
                let line = std::iter::once(plain(" ".repeat(indent))).chain(says).collect();
                lines.push(PaneLine { line, place: None });
            }
        }
        if !state.why().is_empty() {
            let tone = if matches!(state, TickState::Unknown(_)) { Tone::Unknown } else { Tone::Dim };
            self.prose(state.why(), indent, tone, lines);
        }
    }
}
