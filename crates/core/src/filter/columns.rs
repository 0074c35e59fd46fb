//! Which column is meant: by the title on screen, or by the name that output and packs have.

use opsdash_pack::{document::nearest, pack::Column};

/// What a name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnSearch {
    /// The place of the column in the view.
    One(usize),
    /// These columns, and nothing says which of them.
    Several(Vec<usize>),
    /// No column.
    None,
}

/// The column that a name means. Whatever is written exactly as a title on screen, or as a name, wins; then upper and
/// lower case, spaces, hyphens and underscores do not count; then what only one title or name begins with is enough.
/// Columns that are drawn win over hidden ones.
#[must_use]
pub fn search_column(columns: &[Column], typed: &str) -> ColumnSearch {
    let typed = typed.trim();
    let wanted = folded(typed);
    if wanted.is_empty() {
        return ColumnSearch::None;
    }
    let title = |at: &usize| columns[*at].title.trim();
    let name = |at: &usize| columns[*at].name.as_str();
    let begins = |at: &usize| folded(title(at)).starts_with(&wanted) || folded(name(at)).starts_with(&wanted);
    let is_drawn = |at: &usize| !columns[*at].hide;
    let steps: [&dyn Fn(&usize) -> bool; 6] = [
        &|at| is_drawn(at) && title(at) == typed,
        &|at| name(at) == typed,
        &|at| is_drawn(at) && folded(title(at)) == wanted,
        &|at| folded(name(at)) == wanted || folded(title(at)) == wanted,
        &|at| is_drawn(at) && begins(at),
        &begins,
    ];
    for is_meant in steps {
        let found: Vec<usize> = (0..columns.len()).filter(|at| is_meant(at)).collect();
        match found.as_slice() {
            [] => {}
            [one] => return ColumnSearch::One(*one),
            // Of namesakes on screen the one whose name it is, too.
            _ => {
                let named = found.iter().find(|at| name(at) == typed);
                return named.map_or_else(|| ColumnSearch::Several(found.clone()), |at| ColumnSearch::One(*at));
            }
        }
    }
    ColumnSearch::None
}

/// The column that a name means.
///
/// # Errors
/// That there is none, or that there are several, with those that there are.
pub fn find_column(columns: &[Column], typed: &str) -> Result<usize, String> {
    match search_column(columns, typed) {
        ColumnSearch::One(at) => Ok(at),
        ColumnSearch::Several(found) => Err(several(columns, typed, &found)),
        ColumnSearch::None => Err(missing(columns, typed)),
    }
}

/// That a name is of several columns: their names tell them apart.
pub(super) fn several(columns: &[Column], typed: &str, found: &[usize]) -> String {
    let names: Vec<&str> = found.iter().map(|at| columns[*at].name.as_str()).collect();
    format!("\"{typed}\" is several columns: {}", names.join(", "))
}

/// That there is no column of that name, and which ones there are.
pub(super) fn missing(columns: &[Column], typed: &str) -> String {
    let meant = near(columns, typed).map(|title| format!("; did you mean {}?", quoted(title)));
    let drawn = columns.iter().filter(|column| !column.hide).map(|column| quoted(column.title.trim()));
    let known = drawn.collect::<Vec<_>>().join(", ");
    format!("no column \"{typed}\"{}; columns: {known}", meant.unwrap_or_default())
}

/// The title or the name that may have been meant.
pub(super) fn near<'a>(columns: &'a [Column], typed: &str) -> Option<&'a str> {
    let drawn = columns.iter().filter(|column| !column.hide);
    let titles = drawn.map(|column| column.title.trim());
    let names = columns.iter().map(|column| column.name.as_str());
    nearest(&typed.to_lowercase(), titles.chain(names))
}

/// In quotes where a space would take it apart.
fn quoted(title: &str) -> String {
    if title.contains(' ') { format!("\"{title}\"") } else { title.to_owned() }
}

/// Letters and digits alone.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
