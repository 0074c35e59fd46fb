//! A view's list: what it is, the names of its columns, its rows.

use std::collections::BTreeMap;

use opsdash_pack::{
    command::Command,
    pack::{Column, Format, Tone, View, WHY, Width},
};

use super::{Emphasis, Glyphs, Line, cell::CellStyle, dim, fit, justify, plain, span, tab, width_of};
use crate::{
    contract::{FailureKind, Part},
    format, geometry,
    model::{Load, Model, Panel, Snapshot},
    text,
    time::{Monotonic, Time},
    value::{Row, Value},
};

/// From this width on a count says what it counts.
const ROOMY: u16 = 80;
/// Cells before the first column: the cursor and the severity.
const MARGIN: usize = 4;
/// Cells between columns.
const GAP: usize = 2;
/// An automatic column is never wider than this.
const AUTO_MOST: usize = 32;
/// A column that fills keeps so many cells for what it says, before other columns get any.
const FILL_LEAST: usize = 32;
/// With fewer cells than this it says nothing any more, and goes.
const FILL_NARROW: usize = 16;

/// The head and the rows of the list on screen, one line each. `None` on the overview.
#[must_use]
pub fn lines(model: &Model) -> Option<Vec<Line>> {
    let panel = model.panel()?;
    let view = model.pack().view(panel.view);
    let mut lines = vec![title(model, panel, view)];
    let height = geometry::list_rows(model).min(usize::from(model.size.1));
    match panel.list_snapshot() {
        Some(snapshot) if !panel.list.order.is_empty() => {
            let table = ColumnWidths::new(model, panel, view, snapshot, height);
            lines.push(table.head());
            lines.extend(panel.list.order.iter().enumerate().skip(panel.list.top).take(height).filter_map(
                |(at, place)| {
                    let row = snapshot.rows.get(*place as usize)?;
                    Some(table.row(row, at == panel.list.cursor))
                },
            ));
            lines.extend(snoozed(model, panel).filter(|_| panel.list.order.len() < height));
        }
        shown => {
            lines.push(Line::new());
            lines.extend(nothing(model, panel, view, shown, usize::from(geometry::list_columns(model))));
        }
    }
    Some(lines)
}

/// That rows are hidden, and how to see them; `None` when none is.
fn snoozed(model: &Model, panel: &Panel) -> Option<Line> {
    let n = panel.snoozed_rows();
    if n == 0 || panel.list.shows_snoozed {
        return None;
    }
    let key = model.keymap.keys_of(Command::Snooze).into_iter().next()?;
    let line = vec![dim(format!("{}{} snoozed; {key} shows them", " ".repeat(MARGIN), format::thousands(n)))];
    Some(fit(line, usize::from(geometry::list_columns(model)), ""))
}

/// Title and narrowing at the left; trouble, counts and age at the right.
fn title(model: &Model, panel: &Panel, view: &View) -> Line {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let columns = usize::from(geometry::list_columns(model));
    if let Load::Failed { .. } = panel.load {
        let (what, when) = trouble(model, panel, columns);
        return justify(what, when, columns, glyphs.ellipsis);
    }
    let mut said = Line::new();
    for facet in narrowing(panel, view) {
        said.push(dim("  "));
        said.extend(facet);
    }
    let beside = beside(model, panel, view);
    let is_well = beside.is_empty();
    said.extend(beside);
    let mut right = Line::new();
    if let Some(since) = model.target().old_since(panel.view) {
        right.push(span(format!("{} {} old  ", glyphs.stale, age(model, since)), Tone::Unknown));
    }
    right.extend(counts(model, panel));
    right.push(plain(" "));
    let mut left = vec![plain(" ")];
    // What the rows are narrowed to comes first, then the way to the views beside this one, then what the rows are.
    left.extend(tab::names(model, panel.view, columns.saturating_sub(width_of(&said) + width_of(&right) + 2)));
    left.extend(said);
    let room = columns.saturating_sub(width_of(&left) + width_of(&right) + 3);
    // Half a subtitle says something, save where the names of other views stand before it.
    if is_well && !view.subtitle.is_empty() && (view.group.is_none() || text::width(&view.subtitle) <= room) {
        left.extend([dim("  "), dim(&*view.subtitle)]);
    }
    justify(left, right, columns, glyphs.ellipsis)
}

/// What failed beside the list itself: its rows are good, cells of theirs are not known.
fn beside(model: &Model, panel: &Panel, view: &View) -> Line {
    let failure = panel.failed.iter().find_map(|(part, (failure, _))| match part {
        Part::Enrich(at) => {
            let title = |name: &String| view.column(name).map(|at| view.columns[at].title.clone());
            let titles: Vec<String> = view.enrich[*at].columns.iter().filter_map(title).collect();
            Some(format!("  no {}: {failure}", titles.join(", ")))
        }
        Part::Store => Some(format!("  no file store: {failure}")),
        _ => None,
    });
    let gone: Vec<String> =
        model.target().source(view.source).gone.keys().map(|name| text::inert(name).into()).collect();
    let gone = (!gone.is_empty()).then(|| format!("  gone: {}", gone.join(", ")));
    failure.into_iter().chain(gone).map(|said| span(said, Tone::Warn)).collect()
}

/// What the list is narrowed to: facets that are not at their default stand out.
fn narrowing(panel: &Panel, view: &View) -> Vec<Line> {
    let mut parts = Vec::new();
    for (at, (facet, choice)) in view.facets.iter().zip(&panel.choices.facets).enumerate() {
        let (value, tone) =
            choice.as_deref().map_or((facet.default_choice(), Tone::Dim), |choice| (choice, Tone::Accent));
        let mut part =
            vec![span(format!("{}:", facet.title), Tone::Dim), span(text::inert(&format::line(value)), tone)];
        if panel.is_choice_gone(view, at) {
            part.push(span(" (no choice now)", Tone::Warn));
        }
        parts.push(part);
    }
    for given in &panel.choices.given {
        let title =
            view.given.iter().find(|known| known.name == given.name).map_or(&*given.name, |known| &*known.title);
        parts.push(vec![
            span(format!("{title}:"), Tone::Dim),
            span(text::inert(&format::line(&given.label)), Tone::Accent),
        ]);
    }
    if !panel.choices.search.is_empty() {
        parts.push(vec![
            dim("search:"),
            span(format!("\"{}\"", text::inert(&format::line(&panel.choices.search))), Tone::Accent),
        ]);
    }
    if panel.list.narrowing.filter.is_some() {
        parts.push(vec![dim("filter:"), span(&*panel.list.narrowing.text, Tone::Accent)]);
    }
    parts
}

/// How many rows are shown of how many there are, and how old they are.
fn counts(model: &Model, panel: &Panel) -> Line {
    let Some(snapshot) = panel.list_snapshot() else {
        let asked = panel.asked_at.values().max().copied().unwrap_or(model.clock.mono);
        let waited = model.clock.mono.since(asked);
        let said = if waited > 1_000 {
            format!("asking for {}", format::short(i64::try_from(waited).unwrap_or(0)))
        } else {
            "asking".into()
        };
        return vec![dim(said)];
    };
    let (shown, total) = (panel.list.order.len() as u64, snapshot.counts.total());
    let more = if snapshot.counts.more_from.is_some() { "+" } else { "" };
    let mut line = Line::new();
    if !panel.list.marks.is_empty() {
        line.extend([span(format!("{} marked", panel.list.marks.len()), Tone::Accent), plain("  ")]);
    }
    let snoozed = if panel.list.shows_snoozed { 0 } else { panel.snoozed_rows() };
    if snoozed > 0 {
        line.push(dim(format!("{} snoozed  ", format::thousands(snoozed))));
    }
    if shown < total {
        line.extend([plain(format::thousands(shown)), dim(format!(" of {}{more}", format::thousands(total)))]);
    } else {
        line.push(plain(format!("{}{more}", format::thousands(shown))));
    }
    if model.size.0 >= ROOMY {
        line.push(dim(if shown == 1 && total <= 1 { " row" } else { " rows" }));
    }
    if let Some(coverage) = &snapshot.coverage {
        let tone = if coverage.failed.is_empty() { Tone::Dim } else { Tone::Warn };
        line.push(span(format!("  {} databases", coverage.label()), tone));
    }
    if snapshot.troubled {
        line.push(dim(", the rest is on its way"));
    }
    let tone = if model.paused.is_some() { Tone::Warn } else { Tone::Dim };
    line.push(span(format!("  {} ago", age(model, snapshot.at)), tone));
    line
}

/// `STALE 34s: timed out` and `next try in 8s`: what is below is old, and says so. Where nothing is below, the message
/// stands there in full.
fn trouble(model: &Model, panel: &Panel, columns: usize) -> (Line, Line) {
    let Load::Failed { failure, retry_at, .. } = &panel.load else { return (Line::new(), Line::new()) };
    let now = model.clock.mono;
    let (state, why) = match panel.list_snapshot() {
        Some(snapshot) => (format!("STALE {}", age(model, snapshot.at)), failure.to_string()),
        None => ("NO DATA".to_owned(), failure.kind.word().to_owned()),
    };
    let said = [plain("  "), span(state, Tone::Unknown).with(Emphasis::Bold), span(format!("  {why}"), Tone::Warn)];
    let wait = retry_at.since(now).div_ceil(1_000);
    let when = match wait {
        _ if !model.target().may_ask(panel.view) => String::new(),
        0 => "asking again ".to_owned(),
        _ => format!("next try in {wait}s "),
    };
    let mut line = vec![plain(" ")];
    line.extend(tab::names(model, panel.view, columns.saturating_sub(width_of(&said) + text::width(&when) + 2)));
    line.extend(said);
    (line, vec![dim(when)])
}

fn age(model: &Model, since: Monotonic) -> String {
    format::short(i64::try_from(model.clock.mono.since(since)).unwrap_or(i64::MAX))
}

/// What is said instead of rows.
fn nothing(model: &Model, panel: &Panel, view: &View, shown: Option<&Snapshot>, columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut say = |text: &str, tone| {
        lines.extend(
            text::wrap(text, columns.saturating_sub(4))
                .into_iter()
                .map(|line| fit(vec![plain("  "), span(line, tone)], columns, "")),
        );
    };
    match (panel.failure(), shown) {
        (Some(failure), _) => {
            say(&failure.message, Tone::Warn);
            if let Some(object) = &failure.object {
                say(&format!("What is missing: {object}"), Tone::Normal);
            }
            if failure.kind == FailureKind::NoScope {
                let key = model.keymap.key_of(Command::Scope);
                say(&format!("{key} lists what can be chosen."), Tone::Dim);
            } else {
                say(failure.hint(), Tone::Dim);
            }
        }
        (None, None) => {}
        (None, Some(snapshot)) if snapshot.rows.is_empty() => {
            // The view's own words answer a wider question than one that a search or a link has narrowed.
            let is_linked = model.target().set_by_jump(panel.view).is_some_and(|set| !set.is_default());
            let back = model.keymap.key_of(Command::Back);
            if is_linked && !model.target().is_searched(panel.view) {
                say(&format!("Nothing here for what was asked; {back} goes back."), Tone::Dim);
            } else if !panel.choices.search.is_empty() {
                let searched = &panel.choices.search;
                say(&format!("Nothing here holds \"{searched}\"; {back} removes the search."), Tone::Dim);
            } else {
                say(if view.empty.is_empty() { "Nothing here." } else { &view.empty }, Tone::Dim);
            }
        }
        (None, Some(_)) if panel.list.narrowing.filter.is_none() => {
            let key = model.keymap.keys_of(Command::Snooze).into_iter().next().unwrap_or_default();
            say(&format!("Every row is snoozed; {key} shows them."), Tone::Dim);
        }
        (None, Some(_)) => {
            say(&format!("No row passes the filter; {} clears it.", model.keymap.key_of(Command::Back)), Tone::Dim);
        }
    }
    lines
}

/// Column widths, decided over the rows on screen.
struct ColumnWidths<'a> {
    model: &'a Model,
    panel: &'a Panel,
    view: &'a View,
    now: Time,
    glyphs: &'static Glyphs,
    /// Of each column of lines of bars whose values are never below 0, the largest point of the loaded rows.
    most: BTreeMap<usize, f64>,
    /// Place of each drawn column and its width.
    columns: Vec<(usize, usize)>,
    total: usize,
}

/// The largest point of each column of lines of bars. A column with points below 0 has none: its lines have each their own
/// scale.
fn largest_points(view: &View, snapshot: &Snapshot) -> BTreeMap<usize, f64> {
    let sparks = (0..view.columns.len()).filter(|at| view.columns[*at].format == Format::Spark);
    let largest = sparks.filter_map(|at| {
        let points = || snapshot.rows.iter().filter_map(|row| row.cells.get(at)).flat_map(Value::points).flatten();
        let most = points().reduce(f64::max).filter(|most| *most > 0.0)?;
        points().all(|point| point >= 0.0).then_some((at, most))
    });
    largest.collect()
}

impl<'a> ColumnWidths<'a> {
    fn new(model: &'a Model, panel: &'a Panel, view: &'a View, snapshot: &Snapshot, height: usize) -> Self {
        let now = model.server_now(panel.view);
        let mut table = Self {
            model,
            panel,
            view,
            now,
            glyphs: Glyphs::of(model.appearance.ascii),
            most: largest_points(view, snapshot),
            columns: Vec::new(),
            total: usize::from(geometry::list_columns(model)),
        };
        let rows: Vec<&Row> = panel.list.on_screen(height).filter_map(|at| snapshot.rows.get(at)).collect();
        table.columns = table.widths(&rows);
        table
    }

    /// Natural widths; what is left goes to the columns that fill. Where it is too narrow, columns at the right go
    /// first, and with the chosen column beyond the edge those at the left.
    fn widths(&self, rows: &[&Row]) -> Vec<(usize, usize)> {
        let drawn = self.view.drawn();
        let natural: Vec<(usize, usize)> = drawn.iter().map(|at| (*at, self.natural(*at, rows))).collect();
        let room = self.total.saturating_sub(MARGIN);
        let mut kept = natural.clone();
        let needed = |kept: &[(usize, usize)]| kept.iter().map(|(_, wide)| wide + GAP).sum::<usize>();
        while needed(&kept) > room + GAP && kept.len() > 1 {
            let chosen = drawn.get(self.panel.list.column).copied();
            let last_is_chosen = kept.last().is_some_and(|(at, _)| Some(*at) == chosen);
            // What fills shrinks to its least, so it stays; of the others the last one goes.
            let column = |at: &usize| kept[*at].0;
            let goes_easily =
                |at: &usize| self.view.columns[column(at)].width != Width::Fill && Some(column(at)) != chosen;
            let names_rows = |at: &usize| self.view.name.contains(&column(at));
            let says_nothing =
                |at: &usize| self.view.columns[column(at)].name == WHY && rows.iter().all(|row| row.why.is_empty());
            let from_right = || (0..kept.len()).rev();
            // Reasons go that nobody gives, and what tells which row it is goes after everything that does not.
            let goes =
                from_right().find(says_nothing).or_else(|| from_right().find(|at| goes_easily(at) && !names_rows(at)));
            let over = needed(&kept) - (room + GAP);
            let shrinks =
                |at: &usize| self.view.columns[column(at)].width == Width::Fill && kept[*at].1 >= over + FILL_NARROW;
            if goes.is_none()
                && let Some(at) = from_right().find(shrinks)
            {
                kept[at].1 -= over;
                break;
            }
            let goes = goes
                .or_else(|| {
                    from_right().find(|at| !names_rows(at) && Some(column(at)) != chosen && !self.view.name.is_empty())
                })
                .or_else(|| from_right().find(goes_easily));
            match goes {
                Some(at) => kept.remove(at),
                None if last_is_chosen => kept.remove(0),
                None => kept.pop().unwrap_or_default(),
            };
        }
        let left = (room + GAP).saturating_sub(needed(&kept));
        let fills = kept.iter().filter(|(at, _)| self.view.columns[*at].width == Width::Fill).count();
        let share = left.checked_div(fills).unwrap_or(0);
        for (at, wide) in &mut kept {
            if self.view.columns[*at].width == Width::Fill {
                *wide += share;
            }
        }
        kept
    }

    fn natural(&self, at: usize, rows: &[&Row]) -> usize {
        let column = &self.view.columns[at];
        let title = text::width(&column.title) + usize::from(self.is_sorted(at));
        match column.width {
            Width::Cells(cells) => usize::from(cells).max(1),
            // On a narrow screen it takes half at the most, or it would push out the row's name and then itself.
            Width::Fill => {
                let half = self.total.saturating_sub(MARGIN) / 2;
                self.widest(at, rows).max(title).min(FILL_LEAST).min(half.max(1))
            }
            Width::Auto => self.widest(at, rows).max(title).min(AUTO_MOST),
        }
    }

    fn widest(&self, at: usize, rows: &[&Row]) -> usize {
        rows.iter().map(|row| width_of(&self.cell(row, at))).max().unwrap_or(0)
    }

    fn is_sorted(&self, at: usize) -> bool {
        self.panel.list.narrowing.sort.is_some_and(|sort| sort.column == at)
    }

    fn cell(&self, row: &Row, at: usize) -> Line {
        let column: &Column = &self.view.columns[at];
        if column.name == WHY {
            let why = span(format::line(&row.why), super::tone_of(row.severity));
            let age = row.old.map(|old| span(format!("{} old  ", age(self.model, old.since)), Tone::Unknown));
            return age.into_iter().chain([why]).collect();
        }
        let beside = column.beside().and_then(|name| self.view.column(name)).map(|at| &row.cells[at]);
        CellStyle {
            column,
            beside,
            most: self.most.get(&at).copied(),
            now: self.now,
            appearance: &self.model.appearance,
        }
        .line(&row.cells[at])
    }

    fn head(&self) -> Line {
        let mut line = vec![dim(" ".repeat(MARGIN))];
        let drawn = self.view.drawn();
        for (at, wide) in &self.columns {
            let column = &self.view.columns[*at];
            let mut title = column.title.clone();
            if let Some(sort) = self.panel.list.narrowing.sort.filter(|sort| sort.column == *at) {
                title.push_str(self.glyphs.sorted[usize::from(sort.descending)]);
            }
            let chosen = drawn.get(self.panel.list.column) == Some(at);
            let emphasis = if chosen { Emphasis::Underline } else { Emphasis::None };
            let text = text::cut(&title, *wide, self.glyphs.ellipsis).into_owned();
            let pad = " ".repeat(wide - text::width(&text));
            let name = dim(text).with(emphasis);
            if column.format.is_right_aligned() {
                line.extend([dim(pad), name]);
            } else {
                line.extend([name, dim(pad)]);
            }
            line.push(dim(" ".repeat(GAP)));
        }
        fit(line, self.total, "")
    }

    fn row(&self, row: &Row, is_current: bool) -> Line {
        let marked = self.panel.list.marks.contains(&row.key);
        let focused = self.panel.detail.as_ref().is_none_or(|detail| !detail.focused);
        let cursor = match (is_current, focused) {
            (true, true) => span(self.glyphs.cursor, Tone::Accent),
            (true, false) => dim(self.glyphs.cursor),
            (false, _) => plain(" "),
        };
        let mark = match marked {
            true => span(self.glyphs.mark, Tone::Accent),
            false if self.panel.snoozed.contains_key(&row.key) => dim("z"),
            false => plain(" "),
        };
        let beside = row.old.map_or(plain(" "), |_| span(self.glyphs.stale, Tone::Unknown));
        let mut line = vec![cursor, mark, self.glyphs.severity(row.severity), beside];
        // Only the first columns stand out with the cursor: a whole line in another color costs a slow link too much.
        for (place, (at, wide)) in self.columns.iter().enumerate() {
            let mut cell = fit(self.cell(row, *at), *wide, self.glyphs.ellipsis);
            if is_current && place == 0 {
                for span in &mut cell {
                    span.emphasis = Emphasis::Bold;
                }
            }
            let pad = plain(" ".repeat(wide - width_of(&cell)));
            if self.view.columns[*at].format.is_right_aligned() {
                line.push(pad);
                line.extend(cell);
            } else {
                line.extend(cell);
                line.push(pad);
            }
            line.push(plain(" ".repeat(GAP)));
        }
        fit(line, self.total, "")
    }
}
