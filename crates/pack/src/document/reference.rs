//! The reference of words in Markdown, made from the tables of words.

use std::fmt::Write as _;

use super::{TableSpec, ValueKind, WordSpec};

/// A section for a table and for every table below it, each with its words. A table that occurs twice has one section.
pub(crate) fn describe(root: &TableSpec) -> String {
    let mut out = String::new();
    let mut seen: Vec<&str> = Vec::new();
    let mut pending = vec![root];
    while let Some(spec) = pending.pop() {
        if seen.contains(&spec.header) {
            continue;
        }
        let level = if seen.is_empty() { "##" } else { "###" };
        seen.push(spec.header);
        section(level, spec, &mut out);
        let below = spec.words.iter().rev().filter_map(|word| match word.kind {
            ValueKind::Table(inner)
            | ValueKind::TextOrTable(inner)
            | ValueKind::TextOrTableMap(inner)
            | ValueKind::BooleanOrTable(inner)
            | ValueKind::ReplacedTable(inner)
            | ValueKind::TableList(inner)
            | ValueKind::TextOrTableList(inner)
            | ValueKind::TableMap(inner)
            | ValueKind::Constant(inner)
            | ValueKind::ConstantMap(inner) => Some(inner),
            _ => None,
        });
        pending.extend(below);
    }
    out
}

fn section(level: &str, spec: &TableSpec, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{level} `{}`\n\n{}", spec.header, spec.meaning);
    if !spec.identity.is_empty() {
        let words: Vec<String> = spec.identity.iter().map(|word| format!("`{word}`")).collect();
        let _ = writeln!(out, "Layers merge those with the same {}.", words.join(" or "));
    }
    let _ = writeln!(out, "\n| word | value | meaning |\n|---|---|---|");
    for word in spec.served() {
        let required = if word.required { " (required)" } else { "" };
        let meaning = meaning(word).replace('|', "\\|");
        let _ = writeln!(out, "| `{}` | {}{required} | {meaning} |", word.name, word.kind.describe());
    }
    out.push('\n');
}

/// The meaning of a word, with its values where there are only some and the meaning does not name them. The default
/// stays last.
fn meaning(word: &WordSpec) -> String {
    let choices: Vec<String> = word.choices.iter().map(|choice| format!("`{choice}`")).collect();
    let Some((last, others)) = choices.split_last() else { return word.meaning.to_owned() };
    if choices.iter().all(|choice| word.meaning.contains(choice.as_str())) {
        return word.meaning.to_owned();
    }
    let told = format!("One of {} or {last}.", others.join(", "));
    match word.meaning.split_once(" Default: ") {
        Some((meaning, default)) => format!("{meaning} {told} Default: {default}"),
        None => format!("{} {told}", word.meaning),
    }
}
