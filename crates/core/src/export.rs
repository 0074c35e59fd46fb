//! Rows for files and for the shell: what the tab shows, as raw values.

use opsdash_pack::pack::{Column, Format, REASON, SCOPE, View, WHY};

use crate::{
    scope::ScopeChoice,
    value::{ArcStr, Doubt, Row, RowKey, Severity, Value},
};

/// Rows to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The target's name.
    pub target: String,
    /// The view's id.
    pub view: String,
    /// What the values are, in order.
    pub columns: Vec<ExportColumn>,
    /// Whether rows of the view have reasons, which formats without names for missing values then have room for.
    pub has_reasons: bool,
    /// Whether the columns are all that is written, because somebody chose them; else key, severity and why stand before
    /// them.
    pub is_chosen: bool,
    /// Whether the names of the columns stand above the rows, in formats that have a place for them.
    pub has_header: bool,
    /// What stands under them.
    pub rows: Vec<ExportRow>,
    /// Whose rows they are; `None` where they are not seen within a scope.
    pub scope: Option<ExportScope>,
}

/// Whose rows are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportScope {
    /// What one of them is called: `client`.
    pub title: String,
    /// The one that is chosen, or all.
    pub choice: ScopeChoice,
    /// What a file is named by: the label, with the id where others have the same label.
    pub name: String,
}

/// A column to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportColumn {
    /// The name in the query.
    pub name: String,
    /// How its values are shown.
    pub format: Format,
    /// The word for NULL in what people read; `None` leaves the place empty.
    pub null: Option<String>,
}

/// One row to write.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExportRow {
    /// What identifies it.
    pub key: RowKey,
    /// How bad it is.
    pub severity: Severity,
    /// Why.
    pub why: ArcStr,
    /// The id of its reason; `None` when it has none.
    pub reason: Option<ArcStr>,
    /// The id of what is not known about it; `None` when nothing is in doubt.
    pub doubt: Option<&'static str>,
    /// How many a row hurts and since when, in a view whose rows are causes.
    pub cause: Option<[Value; 2]>,
    /// Values, in the order of the columns. Secrets are `Null`.
    pub cells: Vec<Value>,
}

/// What may be chosen of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportField {
    /// A column of the view, by its place.
    Column(usize),
    /// What identifies the row.
    Key,
    /// How bad it is.
    Severity,
    /// Why.
    Why,
    /// The id of its reason.
    Reason,
    /// The id of what is not known about it.
    Doubt,
}

impl ExportField {
    /// What is no column of the view, and its name in output.
    pub const OWN: [(&'static str, Self); 5] = [
        ("row_key", Self::Key),
        ("severity", Self::Severity),
        (WHY, Self::Why),
        (REASON, Self::Reason),
        ("doubt", Self::Doubt),
    ];

    /// The value of a row.
    #[must_use]
    pub fn of(self, row: &Row) -> Value {
        let id = |id: Option<&str>| id.map_or(Value::Null, Value::text);
        match self {
            Self::Column(at) => row.cells[at].clone(),
            Self::Key => Value::text(row.key.as_str()),
            Self::Severity => Value::text(row.severity.word()),
            Self::Why => Value::Text(row.why.clone()),
            Self::Reason => id(row.reason.as_deref()),
            Self::Doubt => id(row.in_doubt().map(Doubt::word)),
        }
    }

    fn column(self, view: &View) -> ExportColumn {
        let own = Self::OWN.iter().find(|(_, field)| *field == self).map_or("", |(name, _)| name);
        match self {
            Self::Column(at) => ExportColumn::of(&view.columns[at]),
            _ => ExportColumn { name: own.to_owned(), format: Format::Text, null: None },
        }
    }
}

/// Formats of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Comma-separated values with a header.
    Csv,
    /// An array of objects.
    Json,
    /// A table.
    Markdown,
}

impl FileFormat {
    /// Every format, its name and its file ending.
    pub const ALL: [(&'static str, &'static str, Self); 3] =
        [("CSV", "csv", Self::Csv), ("JSON", "json", Self::Json), ("Markdown", "md", Self::Markdown)];
}

impl ExportColumn {
    fn of(column: &Column) -> Self {
        Self { name: column.name.clone(), format: column.format, null: column.null.clone() }
    }
}

impl Document {
    /// The given rows of a view. Columns of format secret are left out.
    #[must_use]
    pub fn of<'a>(target: &str, view: &View, rows: impl Iterator<Item = &'a Row>) -> Self {
        // Why is a field of the record already.
        let is_open = |column: &Column| column.format != Format::Secret && column.name != WHY;
        let open = (0..view.columns.len()).filter(|at| is_open(&view.columns[*at]));
        Self::with(target, view, &open.map(ExportField::Column).collect::<Vec<_>>(), rows)
    }

    /// The given rows with what is chosen of them, and nothing else where a format has no names for the rest. Secrets are
    /// not to be chosen.
    #[must_use]
    pub fn chosen<'a>(target: &str, view: &View, fields: &[ExportField], rows: impl Iterator<Item = &'a Row>) -> Self {
        Self { is_chosen: true, has_reasons: false, ..Self::with(target, view, fields, rows) }
    }

    fn with<'a>(target: &str, view: &View, fields: &[ExportField], rows: impl Iterator<Item = &'a Row>) -> Self {
        let record = |row: &Row| ExportRow {
            key: row.key.clone(),
            severity: row.severity,
            why: row.why.clone(),
            reason: row.reason.clone(),
            doubt: row.in_doubt().map(Doubt::word),
            cause: view.cause.map(|cause| [cause.reach, cause.since].map(|at| row.cells[at].clone())),
            cells: fields.iter().map(|field| field.of(row)).collect(),
        };
        Self {
            target: target.to_owned(),
            view: view.id.clone(),
            columns: fields.iter().map(|field| field.column(view)).collect(),
            // A column of that name is the pack's own, and means something else.
            has_reasons: view.may_have_reasons() && view.column(REASON).is_none(),
            is_chosen: false,
            has_header: true,
            rows: rows.map(record).collect(),
            scope: None,
        }
    }

    /// The same, of rows that are seen within a scope. A view with a column `scope` says itself whose they are.
    #[must_use]
    pub fn within(mut self, scope: Option<ExportScope>) -> Self {
        self.scope = scope.filter(|_| self.columns.iter().all(|column| column.name != SCOPE));
        self
    }

    /// What a file of it is named, without the ending: `<target>-<view>`, within a scope `<target>-<view>-<scope>`.
    #[must_use]
    pub fn file_stem(&self) -> String {
        let scope = self.scope.as_ref().map(|scope| format!("-{}", in_a_file_name(&scope.name))).unwrap_or_default();
        format!("{}-{}{scope}", self.target, self.view)
    }
}

/// The most characters of a file's name that a scope takes.
const SCOPE_CHARS: usize = 60;

/// Letters and digits of a text, in lowercase; what is between them becomes one hyphen.
fn in_a_file_name(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-").to_lowercase();
    let cut: String = joined.chars().take(SCOPE_CHARS).collect();
    if cut.is_empty() { "scope".to_owned() } else { cut.trim_end_matches('-').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::in_a_file_name;

    #[test]
    fn a_scope_leads_to_no_other_folder_and_to_no_endless_name() {
        for (name, file) in [
            ("Acme", "acme"),
            ("../../etc/passwd", "etc-passwd"),
            ("Acme (3f1c-77)", "acme-3f1c-77"),
            ("Société Générale", "société-générale"),
            ("\u{1b}[31m\n", "31m"),
            ("***", "scope"),
        ] {
            assert_eq!(in_a_file_name(name), file);
        }
        assert_eq!(in_a_file_name(&"long ".repeat(100)).chars().count(), 59);
    }
}
