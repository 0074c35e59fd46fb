//! What is on screen, as lines of toned text: everything is decided here, so that drawing has nothing to decide.

pub mod action;
pub mod cell;
pub mod detail;
pub mod filter_line;
pub mod footer;
pub mod header;
pub mod help;
pub mod history;
pub mod list;
pub mod overlay;
pub mod overview;
pub mod popup;
pub mod remedy;
pub mod runbook;
pub mod spark;
pub mod tab;
pub mod targets;
pub mod title;

use opsdash_pack::pack::Tone;

use crate::{
    format, text,
    value::{Counts, Severity},
};

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Inert, on one line.
    pub text: String,
    /// What it means.
    pub tone: Tone,
    /// How it stands out where tones are not enough.
    pub emphasis: Emphasis,
}

/// How a piece stands out, in every theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Emphasis {
    /// Not at all.
    #[default]
    None,
    /// Bold.
    Bold,
    /// Underlined: the chosen column.
    Underline,
    /// Fore and back exchanged: the open tab, the chosen item.
    Reverse,
}

/// One line of the screen.
pub type Line = Vec<Span>;

/// A piece in a tone.
#[must_use]
pub fn span(text: impl Into<String>, tone: Tone) -> Span {
    Span { text: text.into(), tone, emphasis: Emphasis::None }
}

/// A piece in the normal tone.
#[must_use]
pub fn plain(text: impl Into<String>) -> Span {
    span(text, Tone::Normal)
}

/// A piece that matters less.
#[must_use]
pub fn dim(text: impl Into<String>) -> Span {
    span(text, Tone::Dim)
}

impl Span {
    /// The same, standing out.
    #[must_use]
    pub fn with(mut self, emphasis: Emphasis) -> Self {
        self.emphasis = emphasis;
        self
    }
}

/// Cells that a line takes.
#[must_use]
pub fn width_of(line: &[Span]) -> usize {
    line.iter().map(|span| text::width(&span.text)).sum()
}

/// Cuts a line to a width, from the right.
#[must_use]
pub fn fit(line: Line, cells: usize, ellipsis: &str) -> Line {
    if width_of(&line) <= cells {
        return line;
    }
    let ellipsis = if text::width(ellipsis) <= cells { ellipsis } else { "" };
    let mut left = cells - text::width(ellipsis);
    let mut fitted = Line::new();
    for mut span in line {
        let wide = text::width(&span.text);
        if wide > left {
            // Where a piece ends just at the edge, the next one is what is missing.
            span.text = format!("{}{ellipsis}", text::cut(&span.text, left, ""));
            fitted.push(span);
            break;
        }
        left -= wide;
        fitted.push(span);
    }
    fitted
}

/// Two lines in one: the first from the left, the second at the right end. When both do not fit, the left one is cut.
#[must_use]
pub fn justify(left: Line, right: Line, cells: usize, ellipsis: &str) -> Line {
    let right = fit(right, cells, ellipsis);
    let room = cells - width_of(&right);
    let mut line = fit(left, room.saturating_sub(usize::from(!right.is_empty())), ellipsis);
    let gap = room - width_of(&line);
    if !right.is_empty() {
        line.push(plain(" ".repeat(gap)));
        line.extend(right);
    }
    line
}

/// Characters that say what color also says.
#[derive(Debug, Clone, Copy)]
pub struct Glyphs {
    /// One for each severity, in the order off, ok, warn, unknown, crit.
    severity: [&'static str; 5],
    /// Old data.
    pub stale: &'static str,
    /// The selected row.
    pub cursor: &'static str,
    /// A marked row.
    pub mark: &'static str,
    /// Where text was cut.
    pub ellipsis: &'static str,
    /// A horizontal rule.
    pub rule: &'static str,
    /// A vertical rule.
    pub bar: &'static str,
    /// Nothing here.
    pub none: &'static str,
    /// No limit.
    pub endless: &'static str,
    /// Sorted up and down.
    pub sorted: [&'static str; 2],
    /// More to the left and right.
    pub more: [&'static str; 2],
    /// Between names of one line.
    pub between: &'static str,
    /// Times, for "412 times".
    pub times: &'static str,
    /// From what something becomes to what.
    pub arrow: &'static str,
}

const UNICODE: Glyphs = Glyphs {
    severity: ["–", "●", "▲", "?", "✖"],
    stale: "~",
    cursor: "▌",
    mark: "•",
    ellipsis: "…",
    rule: "─",
    bar: "│",
    none: "—",
    endless: "∞",
    sorted: ["↑", "↓"],
    more: ["‹", "›"],
    between: "·",
    times: "×",
    arrow: "→",
};

const ASCII: Glyphs = Glyphs {
    severity: ["-", ".", "!", "?", "x"],
    stale: "~",
    cursor: ">",
    mark: "*",
    ellipsis: ">",
    rule: "-",
    bar: "|",
    none: "-",
    endless: "inf",
    sorted: ["^", "v"],
    more: ["<", ">"],
    between: "|",
    times: "x",
    arrow: "->",
};

impl Glyphs {
    /// The set for a terminal.
    #[must_use]
    pub fn of(ascii: bool) -> &'static Self {
        if ascii { &ASCII } else { &UNICODE }
    }

    /// The mark of a severity.
    #[must_use]
    pub fn severity(&self, severity: Severity) -> Span {
        let at = match severity {
            Severity::Off => 0,
            Severity::Ok => 1,
            Severity::Warn => 2,
            Severity::Unknown => 3,
            Severity::Crit => 4,
        };
        span(self.severity[at], tone_of(severity))
    }

    /// Counts as glyphs and numbers, worst first; those of 0 are left out, ok and off too unless asked for.
    #[must_use]
    pub fn counts(&self, counts: Counts, with_ok: bool) -> Line {
        let mut line = Line::new();
        for severity in Severity::WORST_FIRST {
            let n = counts.of(severity);
            if n == 0 || (!severity.is_trouble() && !with_ok) {
                continue;
            }
            if !line.is_empty() {
                line.push(plain("  "));
            }
            line.push(self.severity(severity));
            line.push(span(format!(" {}{}", format::thousands(n), more(counts, severity)), tone_of(severity)));
        }
        line
    }
}

/// What stands after a count to which more rows may belong.
fn more(counts: Counts, severity: Severity) -> &'static str {
    if counts.may_be_more(severity) { "+" } else { "" }
}

/// The tone of a severity.
#[must_use]
pub fn tone_of(severity: Severity) -> Tone {
    match severity {
        Severity::Off => Tone::Dim,
        Severity::Ok => Tone::Ok,
        Severity::Warn => Tone::Warn,
        Severity::Unknown => Tone::Unknown,
        Severity::Crit => Tone::Crit,
    }
}
