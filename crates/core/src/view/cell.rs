//! One value as text.

use opsdash_pack::pack::{Column, Format, Tone};

use super::{Glyphs, Line, dim, span, spark};
use crate::{format, model::Appearance, time::Time, value::Value};

/// Cells of a gauge's bar and of a spark.
const GAUGE_CELLS: usize = 6;
/// Cells of a line of bars in a list.
pub const SPARK_CELLS: usize = 16;

/// How values are shown: the column, the clock of the server and how the screen looks.
#[derive(Clone, Copy)]
pub struct CellStyle<'a> {
    /// The column, for format and tints.
    pub column: &'a Column,
    /// The full mark of a gauge.
    pub max: Option<&'a Value>,
    /// Now, as the server counts.
    pub now: Time,
    /// Zone and glyphs.
    pub appearance: &'a Appearance,
}

impl CellStyle<'_> {
    /// A value on one line, in its tone.
    #[must_use]
    pub fn line(&self, value: &Value) -> Line {
        let glyphs = Glyphs::of(self.appearance.ascii);
        match (value, self.column.format) {
            (Value::Unknown, _) => vec![span("?", Tone::Unknown)],
            (Value::Null, Format::Gauge | Format::Spark) => Line::new(),
            (Value::Null, _) => vec![dim(self.column.null.as_deref().unwrap_or(glyphs.none))],
            (value, Format::Gauge) => self.gauge(value, glyphs),
            (value, _) => vec![span(self.text(value), self.tone(value))],
        }
    }

    fn text(&self, value: &Value) -> String {
        let ascii = self.appearance.ascii;
        match (value, self.column.format) {
            (_, Format::Secret) => "set".to_owned(),
            (Value::Time(time), Format::Age) => format::age(*time, self.now),
            (Value::Time(time), Format::Countdown) => format::countdown(*time, self.now),
            (Value::Time(time), _) => format::time(*time, &self.appearance.zone),
            (Value::Int(n), Format::Bytes) => format::bytes(*n),
            (Value::Int(ms) | Value::Duration(ms), Format::Duration) | (Value::Duration(ms), _) => {
                format::duration(*ms)
            }
            #[expect(clippy::cast_possible_truncation, reason = "a fraction of a ms is not shown")]
            (Value::Float(ms), Format::Duration) => format::duration(ms.round() as i64),
            (Value::Float(f), Format::Int) => format::thousands(format!("{f:.0}")),
            (Value::Int(n), _) => format::thousands(n),
            (Value::Float(f), _) => format::float(*f),
            (Value::Bool(b), _) => (if *b { "yes" } else { "no" }).to_owned(),
            (Value::Series(points), _) => spark::bars(points, SPARK_CELLS, ascii),
            (Value::Text(text), _) => format::line(text),
            (Value::List(list), _) => format::line(&list.join(", ")),
            (Value::Json(json), _) => json.to_string(),
            (Value::Null | Value::Unknown, _) => String::new(),
        }
    }

    fn tone(&self, value: &Value) -> Tone {
        let word = match value {
            Value::Text(text) => &**text,
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            _ => "",
        };
        let tinted = self.column.tint.iter().find(|(_, words)| words.iter().any(|tint| tint == word));
        match (tinted, self.column.format) {
            (Some((tone, _)), _) => *tone,
            (None, Format::Age | Format::Time | Format::Secret) => Tone::Dim,
            (None, Format::Spark) => Tone::Accent,
            _ => Tone::Normal,
        }
    }

    fn gauge(&self, value: &Value, glyphs: &Glyphs) -> Line {
        let Some(part) = value.as_number() else { return Line::new() };
        let whole = match self.max {
            None => Some(100.0),
            Some(max) => max.as_number(),
        };
        let number = |f: f64| format::thousands(format!("{f:.0}"));
        match whole {
            Some(whole) => {
                // Of nothing, anything is everything.
                let share = if whole > 0.0 { part / whole } else { 1.0 };
                let tone = if share >= 1.0 {
                    Tone::Crit
                } else if share >= 0.8 {
                    Tone::Warn
                } else {
                    Tone::Ok
                };
                let bar = span(spark::gauge(share, GAUGE_CELLS, self.appearance.ascii), tone);
                vec![bar, super::plain(format!(" {}", number(part))), dim(format!("/{}", number(whole)))]
            }
            None => vec![
                dim(" ".repeat(GAUGE_CELLS)),
                super::plain(format!(" {}", number(part))),
                dim(format!("/{}", glyphs.endless)),
            ],
        }
    }
}
