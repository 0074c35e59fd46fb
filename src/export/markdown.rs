//! A Markdown table, for tickets and chats.

use comfy_table::{Cell, ContentArrangement, Table, presets};
use opsdash_core::{
    export::{Document, ExportRow},
    format, text,
    value::Value,
};

/// Lines above the first row.
const HEADING: usize = 2;

/// A table with every row on one line, and above its heading whose rows they are, within a scope. Nothing is cut: who reads it
/// is no terminal. Ids of reasons are for programs; `why` says the same to people.
#[must_use]
pub fn render(document: &Document) -> String {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_content_arrangement(ContentArrangement::Disabled).force_no_tty();
    let names = document.columns.iter().map(|column| column.name.as_str());
    let own = ["severity", "why"].into_iter().filter(|_| !document.is_chosen);
    table.set_header(own.chain(names).map(escaped));
    table.add_rows(document.rows.iter().map(|row| fields(document, row)));
    let heading = if document.has_header { 0 } else { HEADING };
    let scope = document.scope.as_ref().filter(|_| document.has_header);
    let whose = scope.map(|scope| format!("{}: {}\n\n", scope.title, text::markdown(&scope.choice.in_full())));
    whose.into_iter().chain(table.lines().skip(heading).map(|line| line + "\n")).collect()
}

fn fields(document: &Document, row: &ExportRow) -> Vec<Cell> {
    let cells = document.columns.iter().zip(&row.cells).map(|(column, value)| match (value, &column.null) {
        (Value::Null, Some(word)) => word.clone(),
        _ => format::plain(value, column.format),
    });
    let own = [row.severity.word().to_owned(), row.why.to_string()];
    own.into_iter().filter(|_| !document.is_chosen).chain(cells).map(|text| escaped(&text)).collect()
}

/// Text from a database stays in its cell.
fn escaped(raw: &str) -> Cell {
    Cell::new_owned(text::markdown(raw))
}

#[cfg(test)]
mod tests {
    use opsdash_core::{
        export::{ExportColumn, ExportScope},
        scope::{ScopeChoice, ScopeItem},
        value::{RowKey, Severity},
    };
    use opsdash_pack::pack::Format;

    use super::*;

    #[test]
    fn a_cell_stays_a_cell() {
        let document = Document {
            target: "t".into(),
            view: "v".into(),
            columns: ["message", "ends"]
                .map(|name| ExportColumn { name: name.into(), format: Format::Text, null: Some("open".into()) })
                .into(),
            has_reasons: false,
            is_chosen: false,
            has_header: true,
            rows: vec![ExportRow {
                key: RowKey("k".into()),
                severity: Severity::Warn,
                why: "".into(),
                cells: vec![Value::text("a | b\n<img src=x> [x](y)"), Value::Null],
                ..ExportRow::default()
            }],
            scope: None,
        };
        let text = render(&document);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[2].contains(r"| a \| b \<img src=x\> \[x\](y) | open |"), "{text}");
        let choice = ScopeChoice::One(ScopeItem { id: "a1".into(), label: "*Acme*".into() });
        let scope = Some(ExportScope { title: "client".into(), choice, name: "x".into() });
        let scoped = render(&Document { scope, ..document });
        assert!(scoped.starts_with("client: \\*Acme\\* (a1)\n\n| severity"), "{scoped}");
    }
}
