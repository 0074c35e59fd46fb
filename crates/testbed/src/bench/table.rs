//! What was measured, against what is allowed.

use std::fmt;

use comfy_table::{CellAlignment, Table, presets};

/// A bound on a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Budget {
    /// Only told.
    None,
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// Bytes a second.
    BytesPerSecond,
    /// Of one core, or of another figure.
    Percent,
    /// Round trips to a server.
    RoundTrips,
    /// So many times as fast.
    Times,
    /// Things, such as scans.
    Count,
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What was measured.
    pub what: String,
    /// In [`Figure::unit`].
    pub value: f64,
    /// What the value counts.
    pub unit: Unit,
    /// What it may be.
    pub budget: Budget,
    /// What explains it; may be empty.
    pub note: String,
}

impl Figure {
    /// A figure without a note.
    pub fn new(what: impl Into<String>, value: f64, unit: Unit, budget: Budget) -> Self {
        Self { what: what.into(), value, unit, budget, note: String::new() }
    }

    /// Says what explains it.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Whether it is within its budget.
    #[must_use]
    pub fn is_within(&self) -> bool {
        match self.budget {
            Budget::None => true,
            Budget::AtMost(most) => self.value <= most,
            Budget::AtLeast(least) => self.value >= least,
        }
    }

    fn verdict(&self) -> &'static str {
        match self.budget {
            Budget::None => "",
            _ if self.is_within() => "pass",
            _ => "OVER",
        }
    }
}

/// A value in its unit, with three digits that matter.
struct Shown(f64, Unit);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value, unit) = *self;
        let (value, suffix) = match unit {
            Unit::Ms => (value, " ms"),
            Unit::Seconds => (value, " s"),
            Unit::Bytes if value >= 1e6 => (value / 1e6, " MB"),
            Unit::Bytes if value >= 1e4 => (value / 1e3, " KB"),
            Unit::Bytes => (value, " B"),
            Unit::BytesPerSecond if value >= 1e6 => (value / 1e6, " MB/s"),
            Unit::BytesPerSecond => (value, " B/s"),
            Unit::Percent => (value, " %"),
            Unit::RoundTrips => (value, " trips"),
            Unit::Times => (value, "x"),
            Unit::Count => (value, ""),
        };
        let decimals = if value.fract() == 0.0 || value >= 100.0 {
            0
        } else if value >= 10.0 {
            1
        } else {
            2
        };
        write!(f, "{value:.decimals$}{suffix}")
    }
}

/// Prints figures on standard output, under a title.
pub fn print(title: &str, figures: &[Figure]) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["what", "measured", "budget", "", ""]);
    for figure in figures {
        let budget = match figure.budget {
            Budget::None => String::new(),
            Budget::AtMost(most) => format!("<= {}", Shown(most, figure.unit)),
            Budget::AtLeast(least) => format!(">= {}", Shown(least, figure.unit)),
        };
        let measured = Shown(figure.value, figure.unit).to_string();
        table.add_row([&figure.what, &measured, &budget, figure.verdict(), &figure.note]);
    }
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let over = figures.iter().filter(|figure| !figure.is_within()).count();
    println!("\n{title}\n\n{}\n\n{over} over budget", table.trim_fmt());
}

/// The middle value; 0 of none.
pub(super) fn median(values: &mut [f64]) -> f64 {
    percentile(values, 0.5)
}

/// The value that this part of the others does not exceed; 0 of none.
pub(super) fn percentile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a short list"
    )]
    let at = (values.len() as f64 * part) as usize;
    values.get(at.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_held_at_its_very_bound() {
        let figure = |value, budget| Figure::new("x", value, Unit::Ms, budget);
        assert!(figure(100.0, Budget::AtMost(100.0)).is_within());
        assert!(!figure(100.1, Budget::AtMost(100.0)).is_within());
        assert!(!figure(99.0, Budget::AtLeast(100.0)).is_within());
    }

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let mut values = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!((median(&mut values), percentile(&mut values, 0.99)), (3.0, 5.0));
        assert!(median(&mut []).abs() < f64::EPSILON);
    }
}
