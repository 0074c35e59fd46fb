//! Which row somebody means: by its key, or by what the screen calls it.

use opsdash_pack::pack::View;

use crate::{format, value::Row};

/// What a name leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum NamedRows<'a> {
    /// The row of this key.
    Key(&'a Row),
    /// The only row of this name.
    Named(&'a Row),
    /// Rows that the name does not tell apart.
    Several(Vec<&'a Row>),
    /// No row.
    None,
}

/// The row among these that somebody means. Its key wins; else it is what one of the columns says that name it, or all of
/// them after each other. Upper and lower case are one, and so is any space between words.
#[must_use]
pub fn find_row<'a>(view: &View, rows: impl Iterator<Item = &'a Row>, typed: &str) -> NamedRows<'a> {
    let rows: Vec<&Row> = rows.collect();
    if let Some(row) = rows.iter().find(|row| row.key.as_str() == typed) {
        return NamedRows::Key(row);
    }
    let wanted = folded(typed);
    if wanted.is_empty() {
        return NamedRows::None;
    }
    let is_meant = |row: &&&Row| is_called(view, row, &wanted);
    match rows.iter().filter(is_meant).copied().collect::<Vec<_>>().as_slice() {
        [] => NamedRows::None,
        [one] => NamedRows::Named(one),
        several => NamedRows::Several(several.to_vec()),
    }
}

fn is_called(view: &View, row: &Row, wanted: &str) -> bool {
    format::names(view, row).any(|name| folded(&name) == wanted) || folded(&format::label(view, row)) == wanted
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
