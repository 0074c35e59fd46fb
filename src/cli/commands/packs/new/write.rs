//! The files of a first pack, as texts.

use std::{collections::BTreeSet, fmt::Write as _};

use opsdash_core::contract::DescribedColumn;

use super::shape::{ColumnShape, Select, TableShape};

/// The severity of rows that nobody judges yet.
const NOT_JUDGED: &str = "off";
/// The table of parameters that links set.
const GIVEN: &str = "given";

/// A name and the text of its file.
pub(super) type File = (String, String);

/// All files of a pack.
pub(super) fn files(name: &str, server: &str, shapes: &[TableShape<'_>]) -> Vec<File> {
    let mut files = vec![("pack.toml".to_owned(), pack(name, server, shapes))];
    for shape in shapes {
        files.push((format!("{}.toml", shape.id), view(shape)));
        files.push((format!("{}.sql", shape.id), list(shape)));
        files.push((format!("{}.detail.sql", shape.id), detail(shape)));
    }
    files.push(("schema.toml".to_owned(), schema(shapes)));
    files
}

fn pack(name: &str, server: &str, shapes: &[TableShape<'_>]) -> String {
    let views: Vec<String> = shapes.iter().map(|shape| format!("    {},\n", quoted(&shape.id))).collect();
    let views = views.concat();
    format!(
        "# A first pack, from the catalogs of {server}. Nothing is judged yet: say in each query what is bad.\n\
         # `opsdash packs check` finds mistakes; docs/packs.md has every word.\n\n\
         title = {}\n\n# The tabs, in order: a <view>.toml each. A view that says hidden = true need not be here.\nviews = [\n{views}]\n\n\
         # Tabs about the server itself: activity, locks, tables, indexes.\n# include = [\"postgres\"]\n\n\
         [[source]]\nname = \"main\"\nengine = \"postgresql\"\n",
        quoted(&super::names::title(&name.replace('-', "_")))
    )
}

fn view(shape: &TableShape<'_>) -> String {
    let key: Vec<String> = key(shape).map(|column| quoted(&column.id)).collect();
    let refresh = match shape.table.rows.unwrap_or_default() {
        rows if rows > 1e6 => "10m",
        rows if rows > 1e5 => "2m",
        _ => "30s",
    };
    let mut text = format!(
        "title = {}\nsubtitle = {}\nsource = \"main\"\nquery = \"{id}.sql\"\nrow_key = [{}]\nrefresh = \"{refresh}\"\n\
         empty = \"There is no row.\"\n",
        quoted(&shape.title),
        quoted(&shape.table.quoted),
        key.join(", "),
        id = shape.id
    );
    if searched(shape).next().is_some() {
        text.push_str("search = true\n");
    }
    for column in shape.columns.iter().filter(|column| !column.choices.is_empty()) {
        let choices: Vec<String> = column.choices.iter().map(|choice| quoted(choice)).collect();
        put(&mut text, &format!("\n[[facet]]\nname = \"{}\"\nchoices = [{}]\n", column.id, choices.join(", ")));
    }
    for column in shape.columns.iter().filter(|column| column.given) {
        put(&mut text, &format!("\n[[{GIVEN}]]\nname = \"{}\"\n", column.id));
    }
    let fills = shape.columns.iter().position(|column| column.listed && column.names_row);
    let fills = fills.or_else(|| shape.columns.iter().position(|column| column.listed && column.format == "text"));
    for (at, column) in shape.columns.iter().enumerate().filter(|(_, column)| is_in_list(shape, column)) {
        put(&mut text, &format!("\n[[column]]\nname = \"{}\"\n", column.id));
        if column.format != "text" {
            put(&mut text, &format!("format = \"{}\"\n", column.format));
        }
        if !column.listed {
            text.push_str("hide = true\n");
        } else if fills == Some(at) {
            text.push_str("width = \"fill\"\n");
        }
    }
    put(&mut text, &format!("\n[detail]\nquery = \"{}.detail.sql\"\n", shape.id));
    for column in shape.columns.iter().filter(|column| column.format != "text") {
        let format = if matches!(column.format, "age" | "countdown") { "time" } else { column.format };
        put(&mut text, &format!("\n[[detail.column]]\nname = \"{}\"\nformat = \"{format}\"\n", column.id));
    }
    for link in &shape.links {
        put(
            &mut text,
            &format!(
                "\n[[link]]\nview = \"{}\"\npress = \"{}\"\ntitle = {}\nset = {{ {} = \"{}\" }}\n",
                link.view,
                link.press,
                quoted(&link.title),
                link.given,
                link.column
            ),
        );
    }
    text
}

fn list(shape: &TableShape<'_>) -> String {
    let rows =
        shape.table.rows.map_or_else(String::new, |rows| format!(", about {rows:.0} rows when this was written"));
    let example = shape.columns.iter().find(|column| column.format == "status" && column.choices.len() > 1);
    let example = example.map(|column| {
        let value = column.choices[1].replace('\'', "''");
        format!(
            "\n-- For example: CASE WHEN t.{} = '{value}' THEN 'warn' ELSE 'ok' END AS severity",
            column.column.quoted
        )
    });
    let mut text = format!(
        "-- {}{rows}. Nothing is judged yet: severity says how bad a row is, why says it in words.{}\n\
         SELECT\n    '{NOT_JUDGED}' AS severity,\n    '' AS why",
        shape.table.quoted.replace('\n', " "),
        example.unwrap_or_default()
    );
    for column in shape.columns.iter().filter(|column| is_in_list(shape, column)) {
        put(&mut text, &format!(",\n    {}", selected(column)));
    }
    put(&mut text, &format!("\nFROM {} AS t", shape.table.quoted));
    let conditions = conditions(shape);
    if !conditions.is_empty() {
        put(&mut text, &format!("\nWHERE {}", conditions.join("\n    AND ")));
    }
    let mut ages = shape.columns.iter().filter(|column| column.listed && column.format == "age");
    let newest = ages.clone().find(|column| column.id.starts_with("created")).or_else(|| ages.next());
    let newest = newest.map(|column| format!("t.{} DESC NULLS LAST", column.column.quoted));
    let keys = key(shape).map(|column| format!("t.{}", column.column.quoted));
    let order: Vec<String> = newest.into_iter().chain(keys).collect();
    put(&mut text, &format!("\nORDER BY {};\n", order.join(", ")));
    text
}

fn conditions(shape: &TableShape<'_>) -> Vec<String> {
    let mut conditions = Vec::new();
    for column in &shape.columns {
        let (id, name, cast) = (&column.id, &column.column.quoted, &column.column.cast);
        if let Some(all) = column.choices.first() {
            conditions.push(format!("(:{id}::text = '{all}' OR t.{name}::text = :{id}::text)"));
        }
        if column.given {
            conditions.push(format!("(:{id}::{cast} IS NULL OR t.{name} = :{id}::{cast})"));
        }
    }
    let searched: Vec<String> = searched(shape).map(|column| format!("t.{}", column.column.quoted)).collect();
    if !searched.is_empty() {
        let texts = searched.join(", ");
        conditions.push(format!(
            "(:search::text IS NULL OR strpos(lower(concat_ws(' ', {texts})), lower(:search::text)) > 0)"
        ));
    }
    conditions
}

/// Columns that a search looks into.
fn searched<'s>(shape: &'s TableShape<'_>) -> impl Iterator<Item = &'s ColumnShape<'s>> {
    let texts = ["text", "varchar", "bpchar", "citext", "name"];
    shape.columns.iter().filter(move |column| {
        column.listed && column.choices.is_empty() && texts.contains(&column.column.kind.as_str())
    })
}

fn detail(shape: &TableShape<'_>) -> String {
    let columns: Vec<String> = shape.columns.iter().map(|column| format!("    {}", selected(column))).collect();
    let keys: Vec<&ColumnShape<'_>> = key(shape).collect();
    let condition = |(place, column): (usize, &&ColumnShape<'_>)| {
        let (name, cast) = (&column.column.quoted, &column.column.cast);
        match keys.len() {
            1 => format!("t.{name} = :key::{cast}"),
            // The key of several columns is a JSON array of their texts.
            _ => format!("t.{name} = (:key::json ->> {place})::{cast}"),
        }
    };
    let conditions: Vec<String> = keys.iter().enumerate().map(condition).collect();
    format!(
        "-- One row, whole.\nSELECT\n{}\nFROM {} AS t\nWHERE {};\n",
        columns.join(",\n"),
        shape.table.quoted,
        conditions.join("\n    AND ")
    )
}

fn selected(shape: &ColumnShape<'_>) -> String {
    let (name, id) = (&shape.column.quoted, &shape.id);
    match shape.select {
        Select::Plain if *name == *id => format!("t.{name}"),
        Select::Plain => format!("t.{name} AS {id}"),
        Select::Text => format!("t.{name}::text AS {id}"),
        Select::Size => format!("octet_length(t.{name}) AS {id}"),
    }
}

/// Columns that the list selects: those that it shows, and those that its key and its links need.
fn is_in_list(shape: &TableShape<'_>, column: &ColumnShape<'_>) -> bool {
    column.listed || column.key_place.is_some() || shape.links.iter().any(|link| link.column == column.id)
}

/// The columns of the key, in its order.
fn key<'s>(shape: &'s TableShape<'_>) -> impl Iterator<Item = &'s ColumnShape<'s>> {
    let names = shape.table.key.iter();
    names.filter_map(|name| shape.columns.iter().find(|column| column.column.name == *name))
}

/// The types that `schema.toml` knows, by their names in the catalogs.
const TYPES: [(&str, &str); 16] = [
    ("uuid", "uuid"),
    ("text", "text"),
    ("varchar", "varchar"),
    ("bool", "boolean"),
    ("int2", "smallint"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("numeric", "numeric"),
    ("float4", "real"),
    ("float8", "double"),
    ("timestamp", "timestamp"),
    ("timestamptz", "timestamptz"),
    ("date", "date"),
    ("json", "json"),
    ("jsonb", "jsonb"),
    ("bytea", "bytea"),
];

fn type_word(column: &DescribedColumn) -> Option<&'static str> {
    TYPES.iter().find(|(kind, _)| *kind == column.kind).map(|(_, word)| *word)
}

fn schema(shapes: &[TableShape<'_>]) -> String {
    let mut text =
        "# What `opsdash doctor` holds the databases against, and `doctor --grants` makes logins from. Columns\n\
                    # that are secret are read by nobody.\n"
            .to_owned();
    let mut named = BTreeSet::new();
    for shape in shapes {
        // A table is called here by its name alone; queries find the one that needs no schema first.
        let is_hidden = |other: &TableShape<'_>| other.table.visible && other.table.name == shape.table.name;
        if !shape.table.visible && shapes.iter().any(is_hidden) || !named.insert(&shape.table.name) {
            put(&mut text, &format!("\n# {} has the name of another table.\n", shape.table.quoted.replace('\n', " ")));
            continue;
        }
        let name = quoted(&shape.table.name);
        let is_plain = |name: &String| {
            let column = shape.table.columns.iter().find(|column| column.name == *name);
            let is_known = column.is_some_and(|column| type_word(column).is_some() || column.class == "enum");
            is_known && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        put(&mut text, &format!("\n[table.{name}]\n"));
        if !shape.table.visible {
            put(&mut text, &format!("schema = {}\n", quoted(&shape.table.schema)));
        }
        if shape.table.key.iter().all(is_plain) {
            put(&mut text, &format!("key = {}\n", quoted(&shape.table.key.join(", "))));
        }
        put(&mut text, &format!("\n[table.{name}.column]\n"));
        for column in &shape.table.columns {
            let secret = if shape.secret.contains(&column.name.as_str()) { ", secret = true" } else { "" };
            let name = quoted(&column.name);
            match type_word(column) {
                _ if column.class == "enum" => {
                    let labels: Vec<String> = column.allowed.iter().map(|label| quoted(label)).collect();
                    put(&mut text, &format!("{name} = {{ labels = [{}]{secret} }}\n", labels.join(", ")));
                }
                Some(word) => put(&mut text, &format!("{name} = {{ type = \"{word}\"{secret} }}\n")),
                None => put(&mut text, &format!("# {name} is of type {}\n", column.cast.replace('\n', " "))),
            }
        }
    }
    text
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn put(text: &mut String, more: &str) {
    // Writing to a String cannot fail.
    let _always_ok = text.write_str(more);
}
