//! The detail of a row: its fields, further lists, charts, and the stored file that it is about.

mod chart;
mod reason;
mod stored;

pub use reason::runbook_entry;

use opsdash_pack::pack::{Column, DetailList, Format, Tone, View, WHY};

use super::{Emphasis, Glyphs, Line, cell::CellStyle, dim, fit, plain, span, tone_of, width_of};
use crate::{
    contract::{RawRow, Table},
    format, geometry,
    model::{DetailState, Loadable, Model, Panel},
    text,
    value::Value,
};

/// A column of a list within a detail is never wider, save the last one: it has the rest of the line.
const GRID_CELLS: usize = 40;
/// A list of so many rows is read at a glance.
const SHORT_LIST: usize = 12;
/// Text longer than this, or with line breaks, stands under its label.
const INLINE_CELLS: usize = 60;

/// Lines of the detail that is open, all of them; empty when none is.
#[must_use]
pub fn lines(model: &Model) -> Vec<Line> {
    let Some(panel) = model.panel() else { return Vec::new() };
    let Some(state) = &panel.detail else { return Vec::new() };
    let view = model.pack().view(panel.view);
    let page = DetailPage { model, panel, view, wide: usize::from(geometry::detail_columns(model)).saturating_sub(2) };
    let mut lines = page.head(state);
    lines.extend(page.fields(state));
    if let Some(detail) = &view.detail {
        // What is read at a glance stands above the charts, whatever goes on for pages below them.
        let is_long = |loadable: &Loadable| matches!(loadable, Loadable::Here(table) if table.rows.len() > SHORT_LIST);
        let lists = || detail.lists.iter().zip(&state.lists);
        let of = |(list, loadable): (&DetailList, &Loadable)| page.list(&list.title, &list.columns, loadable);
        lines.extend(lists().filter(|(_, loadable)| !is_long(loadable)).flat_map(of));
        for (chart, loadable) in detail.charts.iter().zip(&state.charts) {
            lines.extend(page.chart(chart, loadable, state.window));
        }
        lines.extend(lists().filter(|(_, loadable)| is_long(loadable)).flat_map(of));
    }
    lines.extend(page.stored(state));
    lines.into_iter().map(|line| page.indent(line)).collect()
}

/// How many of its lines lie below the last one on screen.
#[must_use]
pub fn lines_below(model: &Model) -> usize {
    let scroll = model.panel().and_then(|panel| panel.detail.as_ref()).map_or(0, |detail| detail.scroll);
    line_count(model).saturating_sub(scroll + usize::from(geometry::body_rows(model)))
}

/// How many lines the detail has.
#[must_use]
pub fn line_count(model: &Model) -> usize {
    lines(model).len()
}

struct DetailPage<'a> {
    model: &'a Model,
    panel: &'a Panel,
    view: &'a View,
    wide: usize,
}

impl DetailPage<'_> {
    fn glyphs(&self) -> &'static Glyphs {
        Glyphs::of(self.model.appearance.ascii)
    }

    fn indent(&self, line: Line) -> Line {
        let mut line = fit(line, self.wide, self.glyphs().ellipsis);
        line.insert(0, plain(" "));
        line
    }

    /// The row in a few words, its severity and why.
    fn head(&self, state: &DetailState) -> Vec<Line> {
        let rows = self.panel.list_snapshot().map_or(&[][..], |snapshot| &snapshot.rows);
        let Some(row) = rows.iter().find(|row| row.key == state.key) else {
            return vec![vec![span("This row is no longer in the list.", Tone::Unknown)], Line::new()];
        };
        let title = format::label(self.view, row);
        let mut lines: Vec<Line> = text::wrap(&title, self.wide)
            .into_iter()
            .take(3)
            .map(|line| vec![span(line, Tone::Strong).with(Emphasis::Bold)])
            .collect();
        let mut state = vec![
            self.glyphs().severity(row.severity),
            span(format!(" {}", row.severity.word()), tone_of(row.severity)),
        ];
        let of_row = row.old.map(|old| old.since);
        if let Some(since) = of_row.into_iter().chain(self.model.target().old_since(self.panel.view)).min() {
            let age = format::short(i64::try_from(self.model.clock.mono.since(since)).unwrap_or(i64::MAX));
            state.push(span(format!("  {} {age} old", self.glyphs().stale), Tone::Unknown));
        }
        if !row.why.is_empty() {
            state.push(plain(format!("  {}", format::line(&row.why))));
        }
        lines.extend([state, Line::new()]);
        lines.extend(self.reasons(row));
        lines
    }

    /// What the detail's query returned; without one, every column of the row.
    fn fields(&self, state: &DetailState) -> Vec<Line> {
        let Some(detail) = self.view.detail.as_ref().filter(|detail| detail.query.is_some()) else {
            return self.own_fields(state);
        };
        let table = match &state.fields {
            Loadable::Awaited => return vec![vec![dim("asking")], Line::new()],
            Loadable::Failed(failure) => {
                let mut lines = self.failed(failure);
                lines.push(Line::new());
                return lines;
            }
            Loadable::Here(table) => table,
        };
        let Some(row) = table.rows.first() else {
            return vec![vec![span("The row is gone.", Tone::Unknown)], Line::new()];
        };
        self.fields_of(&detail.columns, table, row)
    }

    /// Every column of the row as it is in the list, those too that the list does not draw.
    fn own_fields(&self, state: &DetailState) -> Vec<Line> {
        let rows = self.panel.list_snapshot().map_or(&[][..], |snapshot| &snapshot.rows);
        let Some(known) = rows.iter().find(|row| row.key == state.key) else { return Vec::new() };
        let declared = self.view.detail.as_ref().map_or(&[][..], |detail| &detail.columns);
        let of_list = self.view.columns.iter().filter(|column| column.name != WHY);
        let columns: Vec<Column> = of_list
            .map(|column| {
                let own = declared.iter().find(|own| own.name == column.name);
                own.cloned().unwrap_or_else(|| Column { hide: false, ..column.clone() })
            })
            .collect();
        let cells = self.view.columns.iter().zip(&known.cells).filter(|(column, _)| column.name != WHY);
        let cells = cells.map(|(_, cell)| cell.clone()).collect();
        let row = RawRow { key: known.key.clone(), cells, ..RawRow::default() };
        let names = columns.iter().map(|column| column.name.clone()).collect();
        self.fields_of(&columns, &Table { columns: names, ..Table::default() }, &row)
    }

    fn fields_of(&self, columns: &[Column], table: &Table, row: &RawRow) -> Vec<Line> {
        let label = table.columns.iter().map(|name| text::width(&Self::title(columns, name))).max().unwrap_or(0);
        let mut lines = Vec::new();
        let mut section = None;
        let mut after_block = false;
        for (name, value) in table.columns.iter().zip(&row.cells) {
            let known = columns.iter().find(|column| column.name == *name);
            if *value == Value::Null || known.is_some_and(|column| column.hide) {
                continue;
            }
            let own = known.and_then(|column| column.section.as_deref());
            if own != section && own.is_some() {
                section = own;
                lines.extend([Line::new(), vec![span(own.unwrap_or_default(), Tone::Strong)]]);
                after_block = false;
            }
            let column = self.field_column(columns, name, value);
            let field = self.field(&column, value, beside_of(&column, table, row), label);
            // A block brings the blank line before it.
            let is_block = field.first().is_some_and(Vec::is_empty);
            if after_block && !is_block {
                lines.push(Line::new());
            }
            after_block = is_block;
            lines.extend(field);
        }
        lines.push(Line::new());
        lines
    }

    fn field(&self, column: &Column, value: &Value, beside: Option<&Value>, label: usize) -> Vec<Line> {
        let title = &column.title;
        match value {
            Value::Json(json) if column.format != Format::Secret => {
                self.block(title, &serde_json::to_string_pretty(json).unwrap_or_default())
            }
            Value::Text(text)
                if column.format != Format::Secret
                    && (text.contains('\n')
                        || text::width(text) > INLINE_CELLS.min(self.wide.saturating_sub(label + 2))) =>
            {
                self.block(title, text)
            }
            value => {
                let mut line = vec![dim(format!("{title:label$}  "))];
                line.extend(self.show(column, value, beside));
                vec![line]
            }
        }
    }

    /// Long text and documents: the label, then as many lines as it takes.
    fn block(&self, title: &str, body: &str) -> Vec<Line> {
        let mut lines = vec![Line::new(), vec![dim(title)]];
        lines.extend(text::wrap(body, self.wide).into_iter().map(|line| vec![plain(line)]));
        lines
    }

    fn list(&self, title: &str, columns: &[Column], loadable: &Loadable) -> Vec<Line> {
        let mut lines = vec![vec![span(title, Tone::Strong)]];
        if let Loadable::Here(table) = loadable
            && table.truncated
        {
            lines[0].push(dim(format!("  the first {}; there are more", format::thousands(table.rows.len() as u64))));
        }
        match loadable {
            Loadable::Awaited => lines.push(vec![dim("asking")]),
            Loadable::Failed(failure) => lines.extend(self.failed(failure)),
            Loadable::Here(table) if table.rows.is_empty() => lines.push(vec![dim("none")]),
            Loadable::Here(table) => lines.extend(self.grid(columns, table)),
        }
        lines.push(Line::new());
        lines
    }

    /// Rows under each other, below the names of their columns: all of them but those that the pack hides, as of fields.
    fn grid(&self, columns: &[Column], table: &Table) -> Vec<Line> {
        let is_hidden = |name: &str| columns.iter().any(|column| column.name == *name && column.hide);
        let shown: Vec<usize> = (0..table.columns.len()).filter(|at| !is_hidden(&table.columns[*at])).collect();
        let of_row = |at: usize, row: &RawRow| {
            let column = Self::column(columns, &table.columns[at], &row.cells[at]);
            let cell = self.show(&column, &row.cells[at], beside_of(&column, table, row));
            (cell, column.format.is_right_aligned())
        };
        let mut lines = vec![Line::new(); table.rows.len() + 1];
        let last = shown.last().copied();
        for at in shown {
            let is_last = Some(at) == last;
            let most = if is_last { usize::MAX } else { GRID_CELLS };
            let mut cells = vec![(vec![dim(Self::title(columns, &table.columns[at]))], false)];
            cells.extend(table.rows.iter().map(|row| of_row(at, row)));
            let is_right = cells.iter().any(|(_, is_right)| *is_right);
            let wide = cells.iter().map(|(cell, _)| width_of(cell).min(most)).max().unwrap_or(0);
            for (line, (cell, _)) in lines.iter_mut().zip(cells) {
                let fitted = fit(cell, wide, self.glyphs().ellipsis);
                let pad = plain(" ".repeat(wide - width_of(&fitted)));
                let (before, after) = if is_right { (Some(pad), None) } else { (None, Some(pad)) };
                line.extend(before.into_iter().chain(fitted));
                if !is_last {
                    line.extend(after.into_iter().chain([plain("  ")]));
                }
            }
        }
        lines
    }

    fn failed(&self, failure: &crate::contract::Failure) -> Vec<Line> {
        text::wrap(&failure.to_string(), self.wide).into_iter().map(|line| vec![span(line, Tone::Warn)]).collect()
    }

    fn title(columns: &[Column], name: &str) -> String {
        columns
            .iter()
            .find(|column| column.name == name)
            .map_or_else(|| name.replace('_', " "), |column| column.title.clone())
    }

    /// The pack's column, or one that fits the value.
    fn column(columns: &[Column], name: &str, value: &Value) -> Column {
        let format = match value {
            Value::Time(_) => Format::Time,
            _ => Format::Text,
        };
        columns
            .iter()
            .find(|column| column.name == name)
            .cloned()
            .unwrap_or_else(|| Column { format, ..Column::plain(name) })
    }

    /// The same of a field. What the detail does not declare is a number as the list has it under that name: `6 902` there
    /// is no `6902` here. A bar is drawn in the list alone.
    fn field_column(&self, columns: &[Column], name: &str, value: &Value) -> Column {
        let column = Self::column(columns, name, value);
        let is_number = matches!(value, Value::Int(_) | Value::Float(_) | Value::Decimal(_) | Value::Duration(_));
        if !is_number || columns.iter().any(|known| known.name == name) {
            return column;
        }
        let Some(listed) = self.view.columns.iter().find(|listed| listed.name == name) else { return column };
        let format = if listed.format == Format::Gauge { Format::Int } else { listed.format };
        Column { title: column.title, format, hide: false, section: None, ..listed.clone() }
    }

    fn show(&self, column: &Column, value: &Value, beside: Option<&Value>) -> Line {
        let now = self.model.server_now(self.panel.view);
        CellStyle { column, beside, most: None, now, appearance: &self.model.appearance }.line(value)
    }
}

/// The value of the column that a column's format names.
fn beside_of<'r>(column: &Column, table: &Table, row: &'r RawRow) -> Option<&'r Value> {
    let name = column.beside()?;
    table.columns.iter().position(|known| known == name).map(|at| &row.cells[at])
}
