//! Texts of several files under one numbering, so that a place in a merged document still tells its file and line.

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue, Deserializer},
};

use super::{Problems, SourceLocation};

/// A table of a document; the spans are places in [`SourceTexts`].
pub(crate) type TomlTable<'t> = DeTable<'t>;

/// A parsed file, or several merged.
pub(crate) type TomlDocument<'t> = Spanned<TomlTable<'t>>;

/// A value of a document.
pub(crate) type TomlValue<'t> = Spanned<DeValue<'t>>;

/// The texts of all files that are read together. A span is a range over all of them, one after another.
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
    lines: Vec<usize>,
}

impl SourceTexts {
    /// Adds a file under the name to show, and tells where it begins.
    pub(crate) fn add(&mut self, name: impl Into<String>, text: &str) -> usize {
        let start = self.end;
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        self.files.push(File { name: name.into(), start, lines });
        // One more than the text, so that its very end is still a place in it.
        self.end = start + text.len() + 1;
        start
    }

    /// The file and line of a place.
    pub(crate) fn location(&self, at: usize) -> SourceLocation {
        let file = match self.files.partition_point(|file| file.start <= at) {
            0 => return SourceLocation::default(),
            n => &self.files[n - 1],
        };
        let line = file.lines.partition_point(|start| *start <= at - file.start);
        SourceLocation { file: file.name.clone(), line: Some(line) }
    }

    /// The file and line where a value begins.
    pub(crate) fn location_of<T>(&self, value: &Spanned<T>) -> SourceLocation {
        self.location(value.span().start)
    }

    /// Adds a file and parses it. Its syntax errors become problems, and then there is no document.
    pub(crate) fn parse<'t>(&mut self, name: &str, text: &'t str, problems: &mut Problems) -> Option<TomlDocument<'t>> {
        let start = self.add(name, text);
        let (document, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Some(Spanned::new(start..start + text.len(), shift(document.into_inner(), start)));
        }
        for error in errors {
            let place = self.location(start + error.span().map_or(0, |span| span.start));
            problems.add(place, format!("this is not TOML: {}", error.message()), "correct the syntax");
        }
        None
    }
}

/// The document as a Rust value. Its words were checked before, so a failure here means that the table of words and the type disagree.
pub(crate) fn decode<T: DeserializeOwned>(
    document: TomlDocument<'_>,
    texts: &SourceTexts,
    problems: &mut Problems,
) -> Option<T> {
    let start = document.span().start;
    match T::deserialize(Deserializer::from(document)) {
        Ok(value) => Some(value),
        Err(error) => {
            let place = texts.location(error.span().map_or(start, |span| span.start));
            problems.add(place, error.message(), "see the reference of words");
            None
        }
    }
}

/// The value of a word, where it is set.
pub(crate) fn entry<'t>(table: &'t TomlTable<'t>, word: &str) -> Option<&'t TomlValue<'t>> {
    table.get(word)
}

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
    fn a_place_tells_the_file_and_the_line() {
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
