//! Rows of a view as cells of a table for people.

use opsdash_core::{
    export::ExportField,
    format,
    value::{Row, Value},
    view::cell::CellStyle,
};
use opsdash_pack::pack::{Format, WHY, Width};

use super::table::{TableCell, TableHead};
use crate::cli::answer::ViewAnswer;

/// Head and cells of rows: severity, then the columns that the tab draws, and why where it is not among them.
pub fn grid<'a>(answered: &ViewAnswer, rows: impl Iterator<Item = &'a Row>) -> (Vec<TableHead>, Vec<Vec<TableCell>>) {
    let view = answered.view();
    let drawn = view.drawn();
    let titles = drawn.iter().map(|at| {
        let column = &view.columns[*at];
        let fills = column.width == Width::Fill || column.name == WHY;
        TableHead { title: column.title.clone(), right: column.format.is_right_aligned(), fills }
    });
    let adds_why = !drawn.iter().any(|at| view.columns[*at].name == WHY);
    let why = adds_why.then(|| TableHead::filling(WHY));
    let head = std::iter::once(TableHead::left("severity")).chain(titles).chain(why).collect();
    let fields = rows.map(|row| {
        let severity = (row.severity.word().to_owned(), Some(row.severity));
        let cells = drawn.iter().map(|at| (cell(answered, row, *at), None));
        let why = adds_why.then(|| (row.why.to_string(), None));
        std::iter::once(severity).chain(cells).chain(why).collect()
    });
    (head, fields.collect())
}

/// Head and cells of rows with what is chosen of them.
pub fn chosen<'a>(
    answered: &ViewAnswer,
    fields: &[ExportField],
    rows: impl Iterator<Item = &'a Row>,
) -> (Vec<TableHead>, Vec<Vec<TableCell>>) {
    let view = answered.view();
    let head = |field: &ExportField| match field {
        ExportField::Column(at) => {
            let column = &view.columns[*at];
            let fills = column.width == Width::Fill || column.name == WHY;
            TableHead { title: column.title.clone(), right: column.format.is_right_aligned(), fills }
        }
        ExportField::Key | ExportField::Why => TableHead::filling(own_name(*field)),
        _ => TableHead::left(own_name(*field)),
    };
    let cells = |row: &Row| {
        let cell = |field: &ExportField| match field {
            ExportField::Column(at) => (cell(answered, row, *at), None),
            ExportField::Severity => (row.severity.word().to_owned(), Some(row.severity)),
            field => (format::plain(&field.of(row), Format::Text), None),
        };
        fields.iter().map(cell).collect()
    };
    (fields.iter().map(head).collect(), rows.map(cells).collect())
}

fn own_name(field: ExportField) -> &'static str {
    ExportField::OWN.iter().find(|(_, own)| *own == field).map_or("", |(name, _)| name)
}

/// A cell as the tab shows it; for NULL the column's word, or nothing.
#[must_use]
pub fn cell(answered: &ViewAnswer, row: &Row, at: usize) -> String {
    let view = answered.view();
    let column = &view.columns[at];
    if row.cells[at] == Value::Null {
        return column.null.clone().unwrap_or_default();
    }
    let beside = column.beside().and_then(|name| view.column(name)).map(|at| &row.cells[at]);
    let appearance = &answered.model().appearance;
    let show = CellStyle { column, beside, most: None, now: answered.model().server_now(answered.id()), appearance };
    show.line(&row.cells[at]).into_iter().map(|span| span.text).collect::<Vec<_>>().concat().trim().to_owned()
}
