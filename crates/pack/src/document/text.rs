//! The texts of several files with one numbering of offsets, so that a value of a merged document still has its own
//! file and line.

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue, Deserializer},
};

use super::{Problems, SourceLocation};

/// A table of a document. The spans are offsets into [`SourceTexts`].
pub(crate) type TomlTable<'t> = DeTable<'t>;

/// A parsed file, or several merged ones.
pub(crate) type TomlDocument<'t> = Spanned<TomlTable<'t>>;

/// A value of a document.
pub(crate) type TomlValue<'t> = Spanned<DeValue<'t>>;

/// The files that are loaded together. Offsets count through all of them, one file after another.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceTexts {
    files: Vec<File>,
    end: usize,
}

#[derive(Debug, Clone)]
struct File {
    name: String,
    start: usize,
    /// Byte offset of every line within the file.
    line_starts: Vec<usize>,
}

impl SourceTexts {
    /// Adds a file under the name to show, and returns the offset of its first byte.
    pub(crate) fn add(&mut self, name: impl Into<String>, text: &str) -> usize {
        let start = self.end;
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        self.files.push(File { name: name.into(), start, line_starts });
        // One more than the text, so that its very end is still an offset of this file.
        self.end = start + text.len() + 1;
        start
    }

    /// The file and line of an offset.
    pub(crate) fn location(&self, offset: usize) -> SourceLocation {
        let file = match self.files.partition_point(|file| file.start <= offset) {
            0 => return SourceLocation::default(),
            n => &self.files[n - 1],
        };
        let line = file.line_starts.partition_point(|start| *start <= offset - file.start);
        SourceLocation { file: file.name.clone(), line: Some(line) }
    }

    /// The file and line where a value begins.
    pub(crate) fn location_of<T>(&self, value: &Spanned<T>) -> SourceLocation {
        self.location(value.span().start)
    }

    /// Adds a file and parses it. `None` after a syntax error; every syntax error becomes a problem.
    pub(crate) fn parse<'t>(&mut self, name: &str, text: &'t str, problems: &mut Problems) -> Option<TomlDocument<'t>> {
        let start = self.add(name, text);
        let (document, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Some(Spanned::new(start..start + text.len(), shift(document.into_inner(), start)));
        }
        for error in errors {
            let location = self.location(start + error.span().map_or(0, |span| span.start));
            problems.add(location, format!("this is not TOML: {}", error.message()), "correct the syntax");
        }
        None
    }
}

/// Converts a document to a Rust type. The words were checked before, so an error means that the table of words and the
/// type disagree.
pub(crate) fn decode<T: DeserializeOwned>(
    document: TomlDocument<'_>,
    texts: &SourceTexts,
    problems: &mut Problems,
) -> Option<T> {
    let start = document.span().start;
    match T::deserialize(Deserializer::from(document)) {
        Ok(value) => Some(value),
        Err(error) => {
            let location = texts.location(error.span().map_or(start, |span| span.start));
            problems.add(location, error.message(), "see the reference of words");
            None
        }
    }
}

/// The value of a word; `None` when the word is not set.
pub(crate) fn entry<'t>(table: &'t TomlTable<'t>, word: &str) -> Option<&'t TomlValue<'t>> {
    table.get(word)
}

/// The table with every span moved by an offset.
fn shift(table: TomlTable<'_>, by: usize) -> TomlTable<'_> {
    table
        .into_iter()
        .map(|(key, value)| {
            let range = key.span().start + by..key.span().end + by;
            (Spanned::new(range, key.into_inner()), shift_value(value, by))
        })
        .collect()
}

fn shift_value(value: TomlValue<'_>, by: usize) -> TomlValue<'_> {
    let range = value.span().start + by..value.span().end + by;
    let shifted = match value.into_inner() {
        DeValue::Table(table) => DeValue::Table(shift(table, by)),
        DeValue::Array(items) => DeValue::Array(items.into_iter().map(|item| shift_value(item, by)).collect()),
        plain => plain,
    };
    Spanned::new(range, shifted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_has_a_file_and_a_line() {
        let mut texts = SourceTexts::default();
        let first = texts.add("a", "one\ntwo");
        let second = texts.add("b", "\nthree\n");
        assert_eq!(texts.location(first + 4), SourceLocation { file: "a".into(), line: Some(2) });
        assert_eq!(texts.location(first + 7), SourceLocation { file: "a".into(), line: Some(2) });
        assert_eq!(texts.location(second), SourceLocation { file: "b".into(), line: Some(1) });
        assert_eq!(texts.location(second + 1), SourceLocation { file: "b".into(), line: Some(2) });
    }

    #[test]
    fn every_syntax_error_is_told_with_its_line() {
        let mut texts = SourceTexts::default();
        let mut problems = Problems::default();
        assert!(texts.parse("a.toml", "ok = 1\nbad = \n\nworse ==\n", &mut problems).is_none());
        let lines: Vec<_> = problems.0.iter().filter_map(|problem| problem.place.line).collect();
        assert!(lines.contains(&2) && lines.contains(&4), "{problems}");
    }
}
