//! Comma-separated values, for spreadsheets.

use opsdash_core::{
    export::{Document, ExportRow, ExportScope},
    format, text,
    value::Value,
};
use opsdash_pack::pack::{Format, REASON, SCOPE};

/// A header and a line per row: key, severity and why, then the columns with their raw values. The id of the reason comes
/// after them, in views that have reasons, and then whose the row is, within a scope, so that they move no other column. Of
/// chosen columns these alone.
#[must_use]
pub fn render(document: &Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory does not fail, and all lines are equally long.
    let _always_ok = write(document, csv::Writer::from_writer(&mut bytes));
    bytes
}

fn write(document: &Document, mut writer: csv::Writer<&mut Vec<u8>>) -> csv::Result<()> {
    let names = document.columns.iter().map(|column| column.name.as_str());
    let reason = document.has_reasons.then_some(REASON);
    let scope = told_scope(document).map(|_| SCOPE);
    let own = ["row_key", "severity", "why"].into_iter().filter(|_| !document.is_chosen);
    if document.has_header {
        writer.write_record(own.chain(names).chain(reason).chain(scope))?;
    }
    for row in &document.rows {
        writer.write_record(fields(document, row))?;
    }
    Ok(writer.flush()?)
}

/// Whose the rows are, where there is a column for it.
fn told_scope(document: &Document) -> Option<&ExportScope> {
    document.scope.as_ref().filter(|_| !document.is_chosen)
}

fn fields(document: &Document, row: &ExportRow) -> Vec<String> {
    let cells = document.columns.iter().zip(&row.cells).map(|(column, cell)| field(cell, column.format));
    let own = [harmless(&text::inert(row.key.as_str())), row.severity.word().to_owned(), harmless(&row.why)];
    let reason = document.has_reasons.then(|| harmless(row.reason.as_deref().unwrap_or_default()));
    let scope = told_scope(document).map(|scope| harmless(&text::inert(&scope.choice.in_full())));
    own.into_iter().filter(|_| !document.is_chosen).chain(cells).chain(reason).chain(scope).collect()
}

fn field(value: &Value, format: Format) -> String {
    let plain = format::plain(value, format);
    match value {
        Value::Text(_) | Value::List(_) | Value::Json(_) => harmless(&plain),
        _ => plain,
    }
}

/// Text that a spreadsheet would take for a formula gets an apostrophe in front: whoever can write a message into the
/// database must not run formulas on the reader's machine. Numbers and times are ours and stay as they are; a script
/// that needs the exact text reads JSON.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use opsdash_core::{
        export::ExportColumn,
        scope::{ScopeChoice, ScopeItem},
        value::{RowKey, Severity},
    };

    use super::*;

    #[test]
    fn formulas_become_text_and_numbers_stay_numbers() {
        let cells = vec![Value::text("=HYPERLINK(\"x\")"), Value::Int(-5), Value::text("two\nlines"), Value::Unknown];
        let names = ["message", "delta", "note", "late"];
        let document = Document {
            target: "t".into(),
            view: "v".into(),
            columns: names
                .iter()
                .map(|name| ExportColumn { name: (*name).to_owned(), format: Format::Text, null: None })
                .collect(),
            has_reasons: false,
            is_chosen: false,
            has_header: true,
            rows: vec![ExportRow {
                key: RowKey("k\u{1b}".into()),
                severity: Severity::Crit,
                why: "@all".into(),
                reason: Some("odd".into()),
                cells,
                ..ExportRow::default()
            }],
            scope: None,
        };
        let text = String::from_utf8(render(&document)).unwrap();
        assert_eq!(
            text,
            "row_key,severity,why,message,delta,note,late\nk␛,crit,'@all,\"'=HYPERLINK(\"\"x\"\")\",-5,\"two\nlines\",\n"
        );
        let document = Document { has_reasons: true, ..document };
        let with_reasons = String::from_utf8(render(&document)).unwrap();
        assert!(with_reasons.starts_with("row_key,severity,why,message,delta,note,late,reason\n"), "{with_reasons}");
        assert!(with_reasons.ends_with(",,odd\n"), "{with_reasons}");
        let choice = ScopeChoice::One(ScopeItem { id: "a1".into(), label: "=Acme".into() });
        let scope = Some(ExportScope { title: "client".into(), choice, name: "x".into() });
        let scoped = String::from_utf8(render(&Document { scope, ..document })).unwrap();
        assert!(scoped.starts_with("row_key,severity,why,message,delta,note,late,reason,scope\n"), "{scoped}");
        assert!(scoped.ends_with(",,odd,'=Acme (a1)\n"), "{scoped}");
    }
}
