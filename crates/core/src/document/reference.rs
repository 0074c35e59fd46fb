//! The reference of words, as Markdown.

use std::fmt::Write as _;

use super::{Kind, Shape};

/// A section for a shape and for every shape below it, each with a table of its words.
pub(crate) fn describe(shape: &Shape) -> String {
    let mut out = String::new();
    describe_into(shape, &mut out);
    out
}

fn describe_into(shape: &Shape, out: &mut String) {
    let _ = write!(out, "### `{}`\n\n{}\n\n| word | value | meaning |\n|---|---|---|\n", shape.header, shape.meaning);
    for word in shape.words {
        let required = if word.required { " (required)" } else { "" };
        let meaning = word.meaning.replace('|', "\\|");
        let _ = writeln!(out, "| `{}` | {}{required} | {meaning} |", word.name, word.kind.describe());
    }
    out.push('\n');
    for word in shape.words {
        if let Kind::Table(inner) | Kind::Items(inner) | Kind::ByName(inner) = word.kind {
            describe_into(inner, out);
        }
    }
}
