//! Charts over time. Points stand where their times are: all series of a chart share one axis, which is the window, and
//! what is missing is a gap.

use std::collections::BTreeSet;

use opsdash_pack::{
    command::Command,
    document::parse_ms,
    pack::{Chart, Column, Format, Tone},
};

use super::{DetailPage, Line, dim, span};
use crate::{contract::Table, format, geometry, model::Loadable, text, time::Time, value::Value, view::spark};

/// Rows of a chart at least, and at most.
const ROWS: (usize, usize) = (6, 16);
/// So many charts are on one screen.
const CHARTS_ON_SCREEN: usize = 3;
/// Cells of a chart at most.
const WIDEST: usize = 120;
/// What stands in place of a line without points.
const NO_DATA: &str = "no data in this window";
/// A slot of few has so many cells at most.
const SLOT_MOST: usize = 6;

impl DetailPage<'_> {
    /// Bars over time with the lowest, the highest and the last value; below each other one for each series.
    pub(super) fn chart(&self, chart: &Chart, loadable: &Loadable, window: usize) -> Vec<Line> {
        let window = chart.windows.get(window % chart.windows.len().max(1)).map_or("", String::as_str);
        let how = self.window_hint();
        let mut lines = vec![vec![span(&*chart.title, Tone::Strong), dim(format!("  last {window}{how}"))]];
        match loadable {
            Loadable::Awaited => lines.push(vec![dim("asking")]),
            Loadable::Failed(failure) => lines.extend(self.failed(failure)),
            Loadable::Here(table) => {
                let now = self.model.server_now(self.panel.view);
                let all = series(table);
                let gutter = all.iter().map(|series| self.gutter(chart, series)).max().unwrap_or(0);
                let cells = self.wide.min(WIDEST).saturating_sub(gutter).max(1);
                let axis = Axis::of(table, parse_ms(window), now, cells);
                if all.is_empty() {
                    lines.push(vec![dim(NO_DATA)]);
                }
                lines.extend(all.iter().flat_map(|series| self.plot(chart, series, axis.as_ref(), (gutter, cells))));
            }
        }
        lines.push(Line::new());
        lines
    }

    fn window_hint(&self) -> String {
        let keys = self.model.keymap.keys_of(Command::Window);
        keys.first().map_or_else(String::new, |key| format!("  ({key} changes the window)"))
    }

    /// Cells that the numbers at the left of a chart take, with the rule that parts them from it.
    fn gutter(&self, chart: &Chart, series: &Series) -> usize {
        let high = series.points.iter().filter_map(|point| point.value).reduce(f64::max);
        high.map_or(0, |high| text::width(&self.number(chart, high)).max(1) + 1)
    }

    fn number(&self, chart: &Chart, value: f64) -> String {
        let column = Column { format: chart.format, ..Column::plain("") };
        let value = if chart.format == Format::Float { Value::Float(value) } else { Value::Float(value.round()) };
        self.show(&column, &value, None).into_iter().map(|span| span.text).collect()
    }

    /// As tall as there is room for several on one screen.
    fn chart_rows(&self) -> usize {
        let body = usize::from(geometry::body_rows(self.model));
        (body / CHARTS_ON_SCREEN).saturating_sub(4).clamp(ROWS.0, ROWS.1)
    }

    fn plot(&self, chart: &Chart, series: &Series, axis: Option<&Axis>, (gutter, cells): (usize, usize)) -> Vec<Line> {
        let known = || series.points.iter().filter_map(|point| point.value);
        let (Some(low), Some(high)) = (known().reduce(f64::min), known().reduce(f64::max)) else {
            return vec![vec![dim(NO_DATA)]];
        };
        let last = known().next_back().unwrap_or(high);
        let number = |value: f64| self.number(chart, value);
        let drawn = axis.map_or_else(|| in_order(series, cells), |axis| axis.place(series));
        let bars = spark::columns(&drawn, cells, self.chart_rows(), self.model.appearance.ascii);
        let last_row = bars.len() - 1;
        let (from, rule) = (spark::lowest(&drawn), self.glyphs().bar);
        let at_left = |at: usize| match at {
            0 => number(high),
            at if at == last_row => number(from),
            _ => String::new(),
        };
        let row = |(at, row): (usize, String)| {
            let label = at_left(at);
            let pad = " ".repeat(gutter.saturating_sub(text::width(&label) + 1));
            vec![dim(format!("{pad}{label}{rule}")), span(row, Tone::Accent)]
        };
        let mut lines: Vec<Line> = bars.into_iter().enumerate().map(row).collect();
        let ends = axis.and_then(|axis| self.ends(axis, cells.min(drawn.len())));
        lines.extend(ends.map(|ends| [vec![dim(" ".repeat(gutter))], ends].concat()));
        let name = if series.name.is_empty() { String::new() } else { format!("{}   ", format::line(&series.name)) };
        let legend = format!("{name}min {}   max {}   last {}", number(low), number(high), number(last));
        lines.push(vec![dim(legend)]);
        lines
    }

    /// When the axis begins and ends, below its ends; without the dates where they do not fit.
    fn ends(&self, axis: &Axis, cells: usize) -> Option<Line> {
        let (first, last) = (axis.from, axis.last());
        let zone = &self.model.appearance.zone;
        [true, false].into_iter().filter(|_| first != last).find_map(|with_date| {
            let (from, to) = (format::clock(first, zone, with_date), format::clock(last, zone, with_date));
            let gap = cells.checked_sub(text::width(&from) + text::width(&to)).filter(|gap| *gap > 0)?;
            Some(vec![dim(format!("{from}{}{to}", " ".repeat(gap)))])
        })
    }
}

/// The time that a chart is drawn over: slots of one length, the first and the last of the window among them.
struct Axis {
    from: Time,
    /// The shortest time between two points, in ms; at least 1.
    slot: i64,
    slots: usize,
    /// Cells that are drawn for a slot.
    wide: usize,
    /// Cells there are.
    cells: usize,
}

impl Axis {
    /// The axis of all series of an answer; `None` where the query returns no times.
    fn of(table: &Table, window: Option<u64>, now: Time, cells: usize) -> Option<Self> {
        let times: BTreeSet<Time> = table.rows.iter().filter_map(|row| time_of(row.cells.first())).collect();
        let (first, last) = (*times.first()?, *times.last()?);
        let steps = times.iter().zip(times.iter().skip(1)).map(|(a, b)| b.since_ms(*a));
        let window = i64::try_from(window.unwrap_or(0)).unwrap_or(i64::MAX);
        let slot = steps.filter(|step| *step > 0).min().unwrap_or(window).max(1);
        // Whole slots before the first point and after the last one, as many as the window has.
        let before = (first.since_ms(now.plus_ms(window.saturating_neg())) / slot).max(0);
        let after = if window > 0 { (now.since_ms(last) / slot).max(0) } else { 0 };
        let slots = usize::try_from(before + last.since_ms(first) / slot + after + 1).unwrap_or(usize::MAX);
        let wide = (cells / slots.max(1)).clamp(1, SLOT_MOST);
        Some(Self { from: first.plus_ms(-before * slot), slot, slots, wide, cells })
    }

    /// The time of the last slot.
    fn last(&self) -> Time {
        self.from.plus_ms(self.slot.saturating_mul(i64::try_from(self.slots - 1).unwrap_or(i64::MAX)))
    }

    /// A value for each cell: the largest of the points that fall into it, none where there are none.
    fn place(&self, series: &Series) -> Vec<Option<f64>> {
        // More slots than cells share them.
        let shown = self.slots.min(self.cells.max(1));
        let mut values: Vec<Option<f64>> = vec![None; shown];
        for point in &series.points {
            let (Some(at), Some(value)) = (point.at, point.value) else { continue };
            let slot = usize::try_from(at.since_ms(self.from) / self.slot).unwrap_or(0).min(self.slots - 1);
            let place = if self.slots > shown { slot * shown / self.slots } else { slot };
            values[place] = Some(values[place].map_or(value, |other: f64| other.max(value)));
        }
        values.into_iter().flat_map(|value| std::iter::repeat_n(value, self.wide)).collect()
    }
}

/// Points one after the other, where they have no times. Few points get several cells each, so that a chart is a chart.
fn in_order(series: &Series, cells: usize) -> Vec<Option<f64>> {
    let wide = (cells / series.points.len().max(1)).clamp(1, SLOT_MOST);
    series.points.iter().flat_map(|point| std::iter::repeat_n(point.value, wide)).collect()
}

/// One line of a chart.
struct Series {
    name: String,
    points: Vec<Point>,
}

/// A point of a line; without a time where the query returns none, without a value where it is NULL.
struct Point {
    at: Option<Time>,
    value: Option<f64>,
}

/// The points of each series, in the order of the query. Columns are time, value and perhaps series.
fn series(table: &Table) -> Vec<Series> {
    let mut found: Vec<Series> = Vec::new();
    for row in &table.rows {
        let name = row.cells.get(2).and_then(Value::as_text).unwrap_or_default();
        let point = Point { at: time_of(row.cells.first()), value: row.cells.get(1).and_then(Value::as_number) };
        match found.iter_mut().find(|known| known.name == name) {
            Some(known) => known.points.push(point),
            None => found.push(Series { name: name.to_owned(), points: vec![point] }),
        }
    }
    found
}

fn time_of(value: Option<&Value>) -> Option<Time> {
    match value {
        Some(Value::Time(time)) if time.calendar().is_some() => Some(*time),
        _ => None,
    }
}
