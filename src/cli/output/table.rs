//! A table for people: aligned, on one line a row, no wider than the paper.

use comfy_table::{Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Row, Table, Width, presets};
use opsdash_core::{text, value::Severity};

use super::Paper;

/// Cells between columns.
const GAP: u16 = 2;
/// Columns up to this width are never cut.
const SHORT: u16 = 12;

/// A column's title and on which side its cells stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The title.
    pub title: String,
    /// Numbers and ages stand on the right.
    pub right: bool,
}

impl Head {
    /// A column of text.
    #[must_use]
    pub fn left(title: &str) -> Self {
        Self { title: title.to_owned(), right: false }
    }
}

/// A cell's text, and the severity that it speaks of, where it does.
pub type Field = (String, Option<Severity>);

/// Draws a table.
#[must_use]
pub fn draw(head: &[Head], rows: &[Vec<Field>], paper: Paper) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(paper.columns);
    table.set_truncation_indicator(if paper.ascii { "..." } else { "…" });
    if paper.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header(line(head.iter().map(|head| cell(head, &head.title, None, false))));
    for row in rows {
        let cells = head.iter().zip(row).map(|(head, (text, severity))| cell(head, text, *severity, paper.color));
        table.add_row(line(cells));
    }
    for (at, head) in head.iter().enumerate() {
        let widest = rows.iter().map(|row| text::width(&row[at].0)).chain([text::width(&head.title)]).max();
        let Some(column) = table.column_mut(at) else { continue };
        column.set_padding((0, GAP));
        // Short words are worth more whole than long texts are worth a few letters more.
        if let Some(widest) = widest.and_then(|cells| u16::try_from(cells).ok()).filter(|cells| *cells <= SHORT) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(widest + GAP)));
        }
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    lines.concat()
}

fn line(cells: impl Iterator<Item = Cell>) -> Row {
    let mut row = Row::from(cells.collect::<Vec<_>>());
    row.max_height(1);
    row
}

fn cell(head: &Head, raw: &str, severity: Option<Severity>, color: bool) -> Cell {
    let inert = text::inert(raw);
    let cell = Cell::new_owned(text::one_line(&inert).into_owned());
    let cell = if head.right { cell.set_alignment(CellAlignment::Right) } else { cell };
    match severity {
        Some(Severity::Crit) if color => cell.fg(Color::Red),
        Some(Severity::Warn) if color => cell.fg(Color::Yellow),
        Some(Severity::Unknown) if color => cell.fg(Color::Magenta),
        Some(Severity::Ok) if color => cell.fg(Color::Green),
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPER: Paper = Paper { columns: 40, color: false, ascii: false };

    fn sample() -> (Vec<Head>, Vec<Vec<Field>>) {
        let head = vec![Head::left("severity"), Head::left("message"), Head { title: "n".into(), right: true }];
        let row = |severity: Severity, message: &str, n: &str| {
            vec![(severity.word().to_owned(), Some(severity)), (message.to_owned(), None), (n.to_owned(), None)]
        };
        let long = "quota sync failed for a customer whose name is very long indeed";
        (head, vec![row(Severity::Crit, long, "412"), row(Severity::Ok, "two\nlines \u{1b}[31m", "1")])
    }

    #[test]
    fn a_row_is_one_line_and_no_wider_than_the_paper() {
        let (head, rows) = sample();
        let text = draw(&head, &rows, PAPER);
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.lines().all(|line| text::width(line) <= 40), "{text}");
        assert!(text.contains('…') && text.contains("crit") && text.contains("412"), "{text}");
        assert!(text.contains("two lines ␛[31m"), "{text}");
    }

    #[test]
    fn color_is_only_where_it_is_wanted() {
        let (head, rows) = sample();
        assert!(!draw(&head, &rows, PAPER).contains('\u{1b}'));
        assert!(draw(&head, &rows, Paper { color: true, ..PAPER }).contains('\u{1b}'));
    }
}
