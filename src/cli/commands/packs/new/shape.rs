//! What becomes of the tables of a database: which are views, which of their columns are listed, and how.

use std::collections::BTreeMap;

use opsdash_core::contract::{DatabaseDescription, DescribedColumn, DescribedTable};

use super::names::{Names, is_secret, title};

/// Columns of a list at most; a detail has all.
const LISTED: usize = 10;
/// Facets of a view at most.
const FACETS: usize = 4;
/// Ends of the names of times that lie ahead.
const ENDS: [&str; 10] =
    ["expires_at", "expires", "expires_on", "expiry", "until", "due", "due_at", "deadline", "ends_at", "valid_to"];
/// Choices of a facet at most.
const CHOICES: usize = 12;

/// A table that becomes a view.
pub(super) struct TableShape<'d> {
    pub table: &'d DescribedTable,
    /// The view's id.
    pub id: String,
    pub title: String,
    /// Every column that is selected anywhere, in the table's order.
    pub columns: Vec<ColumnShape<'d>>,
    /// Names of columns that look as if they held a secret.
    pub secret: Vec<&'d str>,
    /// Ways to other views.
    pub links: Vec<LinkShape>,
}

/// A column that is selected.
pub(super) struct ColumnShape<'d> {
    pub column: &'d DescribedColumn,
    /// Its alias.
    pub id: String,
    /// Its format in the list, and in the detail where that is another one.
    pub format: &'static str,
    /// What is selected: the column itself, its text, or its size.
    pub select: Select,
    /// Its place in the key; `None` outside of it.
    pub key_place: Option<usize>,
    /// Whether the list shows it.
    pub listed: bool,
    /// Whether it says for people which row it is.
    pub names_row: bool,
    /// The choices of its facet; empty for none.
    pub choices: Vec<String>,
    /// Whether links of other views narrow the list by it.
    pub given: bool,
}

/// How a column is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Select {
    /// As it is.
    Plain,
    /// As its text.
    Text,
    /// Its size in bytes.
    Size,
}

/// A link of a view.
pub(super) struct LinkShape {
    /// The id of the other view.
    pub view: String,
    pub press: char,
    pub title: String,
    /// The parameter of the other view.
    pub given: String,
    /// The column of this view with its value.
    pub column: String,
}

/// The views of a database, and what is left out, in words.
pub(super) fn shape(database: &DatabaseDescription) -> (Vec<TableShape<'_>>, Vec<String>) {
    let mut names = Names::default();
    let (mut shapes, mut notes) = (Vec::new(), Vec::new());
    for table in &database.tables {
        match table_shape(table, &mut names) {
            Ok(shape) => {
                if !shape.secret.is_empty() {
                    notes.push(format!(
                        "{}: {} not selected, for it may be secret",
                        table.quoted,
                        shape.secret.join(", ")
                    ));
                }
                shapes.push(shape);
            }
            Err(why) => notes.push(format!("{} is left out: {why}", table.quoted)),
        }
    }
    link(&mut shapes);
    (shapes, notes)
}

fn table_shape<'d>(table: &'d DescribedTable, names: &mut Names) -> Result<TableShape<'d>, String> {
    if table.key.is_empty() {
        return Err("it has no key that tells its rows apart".to_owned());
    }
    let mut aliases = Names::default();
    let (mut columns, mut secret) = (Vec::new(), Vec::new());
    for column in &table.columns {
        let id = aliases.identifier(&column.name);
        let key_place = table.key.iter().position(|name| *name == column.name);
        if !column.readable || is_secret(&id) {
            if key_place.is_some() {
                return Err(format!("its key {} may not be read, or looks like a secret", column.name));
            }
            secret.extend(Some(column.name.as_str()).filter(|_| column.readable));
            continue;
        }
        let is_reference = table.references.iter().any(|reference| reference.columns == [column.name.clone()]);
        columns.extend(column_shape(column, id, key_place, is_reference));
    }
    list(&mut columns);
    let place = if table.visible { table.name.clone() } else { format!("{}_{}", table.schema, table.name) };
    let id = names.identifier(&place);
    Ok(TableShape { title: title(&id), table, id, columns, secret, links: Vec::new() })
}

/// `None` for what is no value to look at.
fn column_shape(
    column: &DescribedColumn,
    id: String,
    key_place: Option<usize>,
    is_reference: bool,
) -> Option<ColumnShape<'_>> {
    let is_key = key_place.is_some();
    let ends = |ends: &[&str]| ends.iter().any(|end| id == *end || id.ends_with(&format!("_{end}")));
    let (format, select) = match column.kind.as_str() {
        "tsvector" | "tsquery" | "gtsvector" => return None,
        _ if column.class == "enum" => ("status", Select::Plain),
        "bool" => ("bool", Select::Plain),
        "int2" | "int4" | "int8" | "oid" => match () {
            () if is_key || is_reference || ends(&["id", "no", "number", "year", "port", "zip", "code"]) => {
                ("id", Select::Plain)
            }
            () if ends(&["bytes", "size"]) => ("bytes", Select::Plain),
            () if ends(&["ms", "millis"]) => ("duration", Select::Plain),
            () => ("int", Select::Plain),
        },
        "float4" | "float8" => ("float", Select::Plain),
        "numeric" => ("decimal", Select::Plain),
        "date" => ("date", Select::Plain),
        "timestamp" | "timestamptz" if ends(&ENDS) => ("countdown", Select::Plain),
        "timestamp" | "timestamptz" => ("age", Select::Plain),
        "interval" => ("duration", Select::Plain),
        "json" | "jsonb" => ("json", Select::Plain),
        "bytea" => ("bytes", Select::Size),
        "text" | "varchar" | "bpchar" | "citext" | "name" | "uuid" | "inet" | "cidr" | "xml" => ("text", Select::Plain),
        _ => ("text", Select::Text),
    };
    // A key is compared with its text again; of these types the text is the same everywhere.
    let same =
        ["int2", "int4", "int8", "oid", "text", "varchar", "citext", "name", "uuid"].contains(&column.kind.as_str());
    let (format, select) = if is_key && !same { ("text", Select::Text) } else { (format, select) };
    let is_text = ["text", "varchar", "bpchar", "citext"].contains(&column.kind.as_str());
    let names_row = is_text
        && !is_reference
        && ends(&["name", "title", "label", "subject", "number", "code", "email", "username", "login", "slug"]);
    let choices = if is_key || is_reference || names_row { Vec::new() } else { choices(column) };
    let format = if choices.is_empty() || format == "bool" { format } else { "status" };
    Some(ColumnShape { column, id, format, select, key_place, listed: false, names_row, choices, given: false })
}

/// The values of a status-like column, the choice of all before them; empty for any other column.
fn choices(column: &DescribedColumn) -> Vec<String> {
    let values: Vec<String> = match column.kind.as_str() {
        "bool" => vec!["true".to_owned(), "false".to_owned()],
        _ if !column.allowed.is_empty() => column.allowed.clone(),
        _ => column.common.clone(),
    };
    let is_word = |value: &String| {
        let is_plain = |c: char| !c.is_control() && c != '@';
        !value.trim().is_empty() && value.chars().count() <= 32 && value.chars().all(is_plain)
    };
    if values.len() < 2 || values.len() > CHOICES || !values.iter().all(is_word) {
        return Vec::new();
    }
    let all = if values.iter().any(|value| value == "all") { "every one" } else { "all" };
    std::iter::once(all.to_owned()).chain(values).collect()
}

/// Decides which columns are listed, and which have a facet.
fn list(columns: &mut [ColumnShape<'_>]) {
    let long = ["description", "body", "content", "message", "notes", "note", "comment", "text", "html"];
    let rank = |shape: &ColumnShape<'_>| match shape.format {
        _ if shape.key_place.is_some() => 0,
        _ if shape.names_row => 1,
        "status" => 2,
        "age" | "countdown" | "date" => 3,
        "json" | "bytes" if shape.select == Select::Size || shape.format == "json" => 9,
        "bool" | "id" | "int" | "float" | "decimal" | "bytes" | "duration" => 4,
        _ if long.contains(&shape.id.as_str()) || shape.column.kind == "xml" => 8,
        _ if shape.select == Select::Text => 6,
        _ => 5,
    };
    let mut order: Vec<(usize, usize)> = columns.iter().map(rank).zip(0..).filter(|(rank, _)| *rank < 8).collect();
    order.sort_unstable();
    for (_, at) in order.into_iter().take(LISTED) {
        columns[at].listed = true;
    }
    let mut facets = 0;
    for shape in columns.iter_mut().filter(|shape| !shape.choices.is_empty()) {
        facets += 1;
        if facets > FACETS {
            shape.choices.clear();
        }
    }
}

/// Foreign keys of one column become links, both ways.
fn link(shapes: &mut [TableShape<'_>]) {
    let places: BTreeMap<(&str, &str), usize> = shapes
        .iter()
        .enumerate()
        .map(|(at, shape)| ((shape.table.schema.as_str(), shape.table.name.as_str()), at))
        .collect();
    let mut ways = Vec::new();
    for (from, shape) in shapes.iter().enumerate() {
        for reference in &shape.table.references {
            let ([column], [to]) = (&reference.columns[..], &reference.to[..]) else { continue };
            let other = places.get(&(reference.schema.as_str(), reference.table.as_str()));
            if let Some(other) = other.filter(|other| **other != from) {
                ways.push((from, column.clone(), *other, to.clone()));
            }
        }
    }
    for (child, column, parent, to) in ways {
        let id_of = |shape: &TableShape<'_>, name: &str| shape.columns.iter().position(|it| it.column.name == name);
        let (Some(in_child), Some(in_parent)) = (id_of(&shapes[child], &column), id_of(&shapes[parent], &to)) else {
            continue;
        };
        let (child_title, parent_title) = (shapes[child].title.to_lowercase(), shapes[parent].title.to_lowercase());
        way(shapes, (parent, in_parent), (child, in_child), format!("{child_title} of this row"));
        way(shapes, (child, in_child), (parent, in_parent), format!("its {parent_title}"));
    }
}

/// A link from a column of one view to the rows of another that have its value. Places: view, column.
fn way(shapes: &mut [TableShape<'_>], from: (usize, usize), to: (usize, usize), title: String) {
    let has_facet = !shapes[to.0].columns[to.1].choices.is_empty();
    let known = shapes[from.0].links.iter().map(|link| link.press).collect::<Vec<_>>();
    let letters = shapes[to.0].id.chars().chain('a'..='z').chain('A'..='Z');
    let press = letters.filter(char::is_ascii_alphabetic).find(|letter| *letter != 'g' && !known.contains(letter));
    let (Some(press), false) = (press, has_facet) else { return };
    shapes[to.0].columns[to.1].given = true;
    let link = LinkShape {
        view: shapes[to.0].id.clone(),
        press,
        title,
        given: shapes[to.0].columns[to.1].id.clone(),
        column: shapes[from.0].columns[from.1].id.clone(),
    };
    shapes[from.0].links.push(link);
}
