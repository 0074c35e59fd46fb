//! The reference of words, as Markdown.

use std::fmt::Write as _;

use super::{TableSpec, ValueKind};

/// A section for a shape and for every shape below it, each with a table of its words.
pub(crate) fn describe(root: &TableSpec) -> String {
    let mut out = String::new();
    let mut seen: Vec<&str> = Vec::new();
    let mut waiting = vec![root];
    while let Some(shape) = waiting.pop() {
        if seen.contains(&shape.header) {
            continue;
        }
        let level = if seen.is_empty() { "##" } else { "###" };
        seen.push(shape.header);
        section(level, shape, &mut out);
        let below = shape.words.iter().rev().filter_map(|word| match word.kind {
            ValueKind::Table(inner) | ValueKind::Choice(inner) | ValueKind::Items(inner) | ValueKind::ByName(inner) => {
                Some(inner)
            }
            _ => None,
        });
        waiting.extend(below);
    }
    out
}

fn section(level: &str, shape: &TableSpec, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{level} `{}`\n\n{}", shape.header, shape.meaning);
    if !shape.identity.is_empty() {
        let words: Vec<String> = shape.identity.iter().map(|word| format!("`{word}`")).collect();
        let _ = writeln!(out, "Layers merge those with the same {}.", words.join(" or "));
    }
    let _ = writeln!(out, "\n| word | value | meaning |\n|---|---|---|");
    for word in shape.served() {
        let required = if word.required { " (required)" } else { "" };
        let meaning = word.meaning.replace('|', "\\|");
        let _ = writeln!(out, "| `{}` | {}{required} | {meaning} |", word.name, word.kind.describe());
    }
    out.push('\n');
}
