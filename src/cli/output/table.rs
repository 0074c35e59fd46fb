//! A table for people: aligned, on one line a row, no wider than the paper.

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, presets};
use opsdash_core::{text, value::Severity};

use super::OutputStyle;

/// Cells between columns.
const GAP: u16 = 2;

/// A column that does not fill is never wider than this.
const MOST: usize = 32;
/// A column that fills is not narrower than this, unless nothing in it is wider.
const LEAST: usize = 24;

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableHead {
    /// The title.
    pub title: String,
    /// Numbers and ages stand on the right.
    pub right: bool,
    /// Takes what the others leave, and is never left out.
    pub fills: bool,
}

impl TableHead {
    /// A column of short text.
    #[must_use]
    pub fn left(title: &str) -> Self {
        Self { title: title.to_owned(), right: false, fills: false }
    }

    /// A column of long text.
    #[must_use]
    pub fn filling(title: &str) -> Self {
        Self { fills: true, ..Self::left(title) }
    }
}

/// A cell's text, and the severity that it speaks of, where it does.
pub type TableCell = (String, Option<Severity>);

/// A table on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// Its lines.
    pub text: String,
    /// Titles of the columns that found no room.
    pub left_out: Vec<String>,
}

/// Draws a table. Where a terminal is too narrow, columns at the right are left out, as on the screen; anywhere else nothing
/// is cut. Without a header the rows alone.
#[must_use]
pub fn draw(head: &[TableHead], rows: &[Vec<TableCell>], style: OutputStyle, has_header: bool) -> Drawn {
    let rows: Vec<Vec<TableCell>> = rows.iter().map(|row| row.iter().map(inert).collect()).collect();
    let widths = widths(head, &rows, style.room());
    let ellipsis = if style.ascii { "..." } else { "…" };
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if style.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let cut = |at: usize, text: &str| Cell::new_owned(text::cut(text, widths[at], ellipsis).into_owned());
    let kept: Vec<usize> = (0..head.len()).filter(|at| widths[*at] > 0).collect();
    if has_header {
        table.set_header(kept.iter().map(|at| aligned(cut(*at, &head[*at].title), &head[*at])));
    }
    for row in &rows {
        let cells = kept.iter().map(|at| aligned(cut(*at, &row[*at].0), &head[*at]));
        let colored = cells.zip(&kept).map(|(cell, at)| colored(cell, row[*at].1.filter(|_| style.color)));
        table.add_row(colored);
    }
    table.column_iter_mut().for_each(|column| {
        column.set_padding((0, GAP));
    });
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    let is_left_out = |(at, _): &(usize, &TableHead)| widths[*at] == 0;
    let left_out = head.iter().enumerate().filter(is_left_out).map(|(_, head)| head.title.clone()).collect();
    Drawn { text: lines.concat(), left_out }
}

fn inert(field: &TableCell) -> TableCell {
    let inert = text::inert(&field.0);
    (text::one_line(&inert).into_owned(), field.1)
}

/// Cells for each column, 0 where it is left out. The first column always stays.
fn widths(head: &[TableHead], rows: &[Vec<TableCell>], room: Option<usize>) -> Vec<usize> {
    let natural = |at: usize| {
        let cells = rows.iter().map(|row| text::width(&row[at].0));
        cells.chain([text::width(&head[at].title), 1]).max().unwrap_or(1)
    };
    let natural: Vec<usize> = (0..head.len()).map(natural).collect();
    let Some(room) = room else { return natural };
    let least = |at: usize| natural[at].min(if head[at].fills { LEAST } else { MOST });
    let mut widths: Vec<usize> = (0..head.len()).map(least).collect();
    let needed = |widths: &[usize]| {
        let kept = widths.iter().filter(|cells| **cells > 0);
        kept.map(|cells| cells + usize::from(GAP)).sum::<usize>().saturating_sub(usize::from(GAP))
    };
    while needed(&widths) > room {
        let goes = |may: &dyn Fn(usize) -> bool| (1..head.len()).rev().find(|at| widths[*at] > 0 && may(*at));
        match goes(&|at| !head[at].fills).or_else(|| goes(&|_| true)) {
            Some(at) => widths[at] = 0,
            None => widths[0] = room,
        }
    }
    let fills: Vec<usize> = (0..head.len()).filter(|at| head[*at].fills && widths[*at] > 0).collect();
    // Cell by cell in turn: what one column does not need, the others get.
    for _ in needed(&widths)..room {
        let thinnest = fills.iter().filter(|at| widths[**at] < natural[**at]).min_by_key(|at| widths[**at]);
        let Some(at) = thinnest else { break };
        widths[*at] += 1;
    }
    widths
}

fn aligned(cell: Cell, head: &TableHead) -> Cell {
    if head.right { cell.set_alignment(CellAlignment::Right) } else { cell }
}

fn colored(cell: Cell, severity: Option<Severity>) -> Cell {
    match severity {
        Some(Severity::Crit) => cell.fg(Color::Red),
        Some(Severity::Warn) => cell.fg(Color::Yellow),
        Some(Severity::Unknown) => cell.fg(Color::Magenta),
        Some(Severity::Ok) => cell.fg(Color::Green),
        Some(Severity::Off) | None => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPER: OutputStyle = OutputStyle { columns: 40, color: false, ascii: false, is_watched: true };

    fn sample() -> (Vec<TableHead>, Vec<Vec<TableCell>>) {
        let right = TableHead { right: true, ..TableHead::left("n") };
        let head = vec![TableHead::left("severity"), TableHead::filling("message"), right];
        let row = |severity: Severity, message: &str, n: &str| {
            vec![(severity.word().to_owned(), Some(severity)), (message.to_owned(), None), (n.to_owned(), None)]
        };
        let long = "quota sync failed for a customer whose name is very long indeed";
        (head, vec![row(Severity::Crit, long, "412"), row(Severity::Ok, "two\nlines \u{1b}[31m", "1")])
    }

    #[test]
    fn a_row_is_one_line_and_no_wider_than_the_paper() {
        let (head, rows) = sample();
        let text = draw(&head, &rows, PAPER, true).text;
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.lines().all(|line| text::width(line) <= 40), "{text}");
        assert!(text.contains('…') && text.contains("crit") && text.contains("412"), "{text}");
        assert!(text.contains("two lines ␛[31m"), "{text}");
    }

    #[test]
    fn columns_without_room_are_named_and_those_that_fill_stay() {
        let (head, rows) = sample();
        let drawn = draw(&head, &rows, OutputStyle { columns: 34, ..PAPER }, true);
        assert_eq!(drawn.left_out, ["n"]);
        assert!(drawn.text.starts_with("severity  message\n"), "{}", drawn.text);
        for columns in 1..200 {
            let drawn = draw(&head, &rows, OutputStyle { columns, ..PAPER }, true);
            assert!(
                drawn.text.lines().all(|line| text::width(line) <= usize::from(columns)),
                "{columns}:\n{}",
                drawn.text
            );
        }
    }

    #[test]
    fn where_nobody_watches_nothing_is_cut() {
        let (head, rows) = sample();
        let style = OutputStyle { is_watched: false, ..PAPER };
        let drawn = draw(&head, &rows, style, true);
        assert!(
            drawn.text.contains("whose name is very long indeed  412\n") && drawn.left_out.is_empty(),
            "{}",
            drawn.text
        );
        let bare = draw(&head, &rows, style, false).text;
        assert!(bare.starts_with("crit  quota sync failed") && bare.lines().count() == 2, "{bare}");
    }

    #[test]
    fn color_is_only_where_it_is_wanted() {
        let (head, rows) = sample();
        assert!(!draw(&head, &rows, PAPER, true).text.contains('\u{1b}'));
        assert!(draw(&head, &rows, OutputStyle { color: true, ..PAPER }, true).text.contains('\u{1b}'));
    }
}
