//! Problems in files: what is wrong, where, and what to do about it.

use std::fmt;

/// A line of a file, or a whole file or folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceLocation {
    /// The path to show. Files of the program itself are `packs/<system>/<file>`.
    pub file: String,
    /// The line, from 1. `None` means the whole file or folder.
    pub line: Option<usize>,
}

impl SourceLocation {
    /// The location of a whole file or folder.
    #[must_use]
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), line: None }
    }
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// One problem in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where the problem is.
    pub place: SourceLocation,
    /// What is wrong, with the value.
    pub what: String,
    /// What to do about it, as an instruction.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    {}", self.place, self.what, self.remedy)
    }
}

/// All problems of a load. As an error it is never empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Adds a problem.
    pub fn add(&mut self, location: SourceLocation, what: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Problem { place: location, what: what.into(), remedy: remedy.into() });
    }

    /// The value, when there is no problem.
    ///
    /// # Errors
    /// The problems, sorted by file and line, each once.
    pub fn or<T>(mut self, value: T) -> Result<T, Self> {
        if self.0.is_empty() {
            return Ok(value);
        }
        self.0.sort();
        self.0.dedup();
        Err(self)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The known name that is nearest to a wrong one; `None` when none is near.
#[must_use]
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distances = known.into_iter().map(|word| (strsim::damerau_levenshtein(wrong, word), word));
    let is_near = |(distance, word): &(usize, &str)| *distance <= (word.len().max(wrong.len()) / 3).max(1);
    distances.filter(is_near).min().map(|(_, word)| word)
}

/// A remedy for an unknown name: the nearest known name, if one is near, then all known names. For example
/// `did you mean "status"? (known: text, status)`.
#[must_use]
pub fn suggest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut seen = std::collections::BTreeSet::new();
    let known: Vec<&str> = known.into_iter().filter(|word| seen.insert(*word)).collect();
    let near = nearest(wrong, known.iter().copied());
    let list = if known.is_empty() { "there is none".into() } else { format!("known: {}", known.join(", ")) };
    match near {
        Some(word) => format!("did you mean \"{word}\"? ({list})"),
        None => list,
    }
}
