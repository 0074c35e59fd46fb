//! The values that the config's files set, for `config show`.

use toml::{Spanned, de::DeValue};

use super::url::redact;
use crate::document::{SourceLocation, SourceTexts, TomlTable};

/// One value that a file sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Where the value is in the document, such as `targets.prod.sources.main.url`.
    pub path: String,
    /// The value as text, with secrets hidden.
    pub value: String,
    /// The file and line that set it.
    pub place: SourceLocation,
}

/// Every value of a checked document, sorted by path.
pub(super) fn settings(table: &TomlTable<'_>, texts: &SourceTexts) -> Vec<Setting> {
    let mut found = Vec::new();
    collect("", table, texts, &mut found);
    found
}

fn collect(prefix: &str, table: &TomlTable<'_>, texts: &SourceTexts, found: &mut Vec<Setting>) {
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        let path = if prefix.is_empty() { quoted(name) } else { format!("{prefix}.{}", quoted(name)) };
        match value.get_ref() {
            DeValue::Table(inner) => collect(&path, inner, texts, found),
            plain => found.push(Setting { value: show(&path, plain), path, place: texts.location_of(value) }),
        }
    }
}

fn quoted(name: &str) -> String {
    let is_bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if is_bare { name.to_owned() } else { format!("\"{name}\"") }
}

fn show(path: &str, value: &DeValue<'_>) -> String {
    let word = path.rsplit('.').next().unwrap_or_default();
    let is_source = path.starts_with("targets.");
    match value {
        DeValue::Array(items) if is_source && word == "command" => {
            // Arguments may be secret; the program's name is not.
            let more = items.len().saturating_sub(1);
            let program = items.first().map(|item| plain(item.get_ref(), false)).unwrap_or_default();
            format!("[{program}, and {more} more]")
        }
        DeValue::Array(items) => {
            let all = items.iter().map(|item: &Spanned<DeValue<'_>>| {
                plain(item.get_ref(), is_source && matches!(word, "urls" | "servers"))
            });
            format!("[{}]", all.collect::<Vec<_>>().join(", "))
        }
        other => plain(other, is_source && matches!(word, "url" | "replica_url")),
    }
}

fn plain(value: &DeValue<'_>, is_url: bool) -> String {
    match value {
        DeValue::String(text) if is_url => format!("\"{}\"", redact(text)),
        DeValue::String(text) => format!("\"{text}\""),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(_) | DeValue::Table(_) => "..".into(),
    }
}
