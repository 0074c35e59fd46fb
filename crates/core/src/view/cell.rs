//! One value as text.

use opsdash_pack::pack::{Column, Format, Tone};

use super::{Glyphs, Line, dim, span, spark};
use crate::{cell_text::CellText, format, model::Appearance, time::Time, value::Value};

/// Cells of a gauge's bar and of a spark.
const GAUGE_CELLS: usize = 6;
/// Cells of a line of bars in a list.
pub const SPARK_CELLS: usize = 16;

/// How values are shown: the column, the clock of the server and how the screen looks.
#[derive(Clone, Copy)]
pub struct CellStyle<'a> {
    /// The column, for format and tints.
    pub column: &'a Column,
    /// The value of the column of the same row that the format names: of a gauge what is full, of money the currency.
    pub beside: Option<&'a Value>,
    /// The largest point of the lines of bars that share a scale with this one; `None` where it has a scale of its own.
    pub most: Option<f64>,
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
        let Self { column, beside, now, .. } = *self;
        let none = Glyphs::of(ascii).none;
        match value {
            Value::List(_) if column.format == Format::Spark => match self.most {
                Some(most) => spark::bars_to(&value.points(), most, SPARK_CELLS, ascii),
                None => spark::bars(&value.points(), SPARK_CELLS, ascii),
            },
            value => {
                CellText { column, format: column.format, beside, now, zone: &self.appearance.zone, none }.of(value)
            }
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
        let Some(part) = value.as_number() else { return vec![super::plain(self.text(value))] };
        let whole = match self.beside {
            None => Some(100.0),
            Some(Value::Float(max)) if max.is_nan() => Some(*max),
            Some(max) => max.as_number(),
        };
        let number = |f: f64| if f.is_nan() { format::float(f) } else { format::thousands(format!("{f:.0}")) };
        match whole {
            // Of nothing, and of what is no number, there is no share: neither all nor none.
            Some(whole) if whole <= 0.0 || whole.is_nan() => vec![
                dim(format!("{:GAUGE_CELLS$}", glyphs.none)),
                super::plain(format!(" {}", number(part))),
                dim(format!("/{}", number(whole))),
            ],
            Some(whole) => {
                let share = part / whole;
                let tone = if share >= 1.0 {
                    Tone::Crit
                } else if share >= 0.8 {
                    Tone::Warn
                } else {
                    Tone::Ok
                };
                let bar = span(spark::gauge(share, GAUGE_CELLS, self.appearance.ascii), tone);
                let of = if self.column.max.is_none() { " %".to_owned() } else { format!("/{}", number(whole)) };
                vec![bar, super::plain(format!(" {}", number(part))), dim(of)]
            }
            None => vec![
                dim(" ".repeat(GAUGE_CELLS)),
                super::plain(format!(" {}", number(part))),
                dim(format!("/{}", glyphs.endless)),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use opsdash_pack::config::ThemeName;

    use super::*;
    use crate::time::{Date, Zone};

    fn column(format: Format) -> Column {
        Column { format, ..Column::plain("c") }
    }

    fn shown_beside(column: &Column, value: &Value, beside: Option<&Value>) -> String {
        // West of UTC: a day that a zone shifts is the day before.
        let zone = Zone::Local(TimeZone::fixed(jiff::tz::offset(-8)));
        let appearance =
            Appearance { theme: ThemeName::Terminal, ascii: false, local: zone.clone(), zone, bell: false };
        let now = Time("2026-06-03T12:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond());
        let line = CellStyle { column, beside, most: None, now, appearance: &appearance }.line(value);
        line.into_iter().map(|span| span.text).collect()
    }

    fn shown(format: Format, value: &Value) -> String {
        shown_beside(&column(format), value, None)
    }

    #[test]
    fn a_number_is_grouped_only_where_its_format_counts_something() {
        let year = Value::Int(1_991);
        assert_eq!(shown(Format::Text, &year), "1991");
        assert_eq!(shown(Format::Id, &year), "1991");
        assert_eq!(shown(Format::Int, &year), "1 991");
        let exact = Value::Decimal("12345678901234567890.123456789".into());
        assert_eq!(shown(Format::Text, &exact), "12345678901234567890.123456789");
        assert_eq!(shown(Format::Decimal, &exact), "12 345 678 901 234 567 890.123456789");
        assert_eq!(shown(Format::Float, &Value::Decimal("12.500".into())), "12.5");
        let rounded = Column { digits: Some(1), ..column(Format::Decimal) };
        assert_eq!(shown_beside(&rounded, &Value::Decimal("2.25".into()), None), "2.3");
    }

    #[test]
    fn what_is_no_number_is_said_and_is_not_null() {
        for format in [Format::Text, Format::Int, Format::Float, Format::Decimal] {
            assert_eq!(shown(format, &Value::Float(f64::NAN)), "NaN");
            assert_eq!(shown(format, &Value::Float(f64::INFINITY)), "Infinity");
        }
    }

    #[test]
    fn money_has_its_currency_where_the_row_says_one() {
        let amount = Value::Decimal("1234.5".into());
        let money = Column { currency: Some("currency".into()), ..column(Format::Money) };
        assert_eq!(shown_beside(&money, &amount, Some(&Value::text("EUR"))), "1 234.50 EUR");
        assert_eq!(shown_beside(&money, &amount, Some(&Value::Null)), "1 234.50");
        let yen = Column { digits: Some(0), ..money };
        assert_eq!(shown_beside(&yen, &Value::Int(5_000), Some(&Value::text("JPY"))), "5 000 JPY");
    }

    #[test]
    fn a_day_is_the_same_in_every_zone_and_a_time_is_of_the_zone() {
        let day = Value::Date(Date(20_605));
        for format in [Format::Text, Format::Date, Format::Time] {
            assert_eq!(shown(format, &day), "2026-06-01");
        }
        assert_eq!(shown(Format::Age, &day), "2d");
        assert_eq!(shown(Format::Countdown, &day), "2d ago");
        let moment = Value::Time(Time("2026-06-01T03:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond()));
        assert_eq!(shown(Format::Date, &moment), "2026-05-31");
    }

    #[test]
    fn a_list_is_a_list_unless_it_is_a_spark() {
        let list = Value::list([Value::Int(1_991), Value::Null, Value::Int(7)]);
        assert_eq!(shown(Format::Text, &list), "1991, \u{2014}, 7");
        assert_eq!(shown(Format::Int, &list), "1 991, \u{2014}, 7");
        assert_eq!(shown(Format::Spark, &list).chars().count(), 3);
        let nested = Value::list([list, Value::list([Value::text("a")])]);
        assert_eq!(shown(Format::Text, &nested), "[1991, \u{2014}, 7], [a]");
    }

    #[test]
    fn a_gauge_of_what_is_no_number_says_so_and_is_not_empty() {
        let gauge = Column { max: Some("limit".into()), ..column(Format::Gauge) };
        let (ten, nan) = (Value::Int(10), Value::Float(f64::NAN));
        assert_eq!(shown_beside(&gauge, &nan, Some(&ten)), "NaN");
        assert_eq!(shown_beside(&gauge, &Value::Float(f64::INFINITY), Some(&ten)), "Infinity");
        assert_eq!(shown_beside(&gauge, &Value::text("five"), Some(&ten)), "five");
        assert_eq!(shown_beside(&gauge, &ten, Some(&nan)), "\u{2014}      10/NaN");
        assert_eq!(shown_beside(&gauge, &Value::Null, Some(&ten)), "");
    }

    #[test]
    fn a_gauge_of_nothing_is_not_full() {
        let gauge = Column { max: Some("limit".into()), ..column(Format::Gauge) };
        assert_eq!(shown_beside(&gauge, &Value::Int(0), Some(&Value::Int(0))), "\u{2014}      0/0");
        assert_eq!(shown_beside(&gauge, &Value::Int(5), Some(&Value::Int(0))), "\u{2014}      5/0");
    }
}
