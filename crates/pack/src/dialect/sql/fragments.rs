//! Fragments: SQL that several files of a pack share. `{{cause}}` stands for the text of `fragments/cause.sql`, and
//! `{{mask(key => l.key)}}` gives it an argument, which the fragment writes as `{{key}}`.
//!
//! A call is found where SQL can stand: in a string, a comment or a quoted name the braces are text.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::StatementError,
    Flavor,
    scanner::{Argument, Call, Scanner},
};
use crate::document::{SourceLocation, suggest};

/// The longest statement that fragments may add up to, in bytes: each of a few fragments that call the next one twice
/// would double it.
const MOST_BYTES: usize = 256 * 1024;

/// How deep fragments may call one another: each takes a part of the stack.
const MOST_DEEP: usize = 32;

/// What a call begins with. A text without it calls nothing, and is read once its statement is complete.
const CALL: &str = "{{";

/// The text of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SqlFile<'t> {
    /// The path to show.
    pub name: &'t str,
    pub text: &'t str,
    /// The offset of its first byte among all texts that are loaded together.
    pub start: usize,
}

/// The text of a statement with its fragments written out, and where every part of it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Expanded {
    /// The path of the statement's own file.
    pub file: String,
    pub text: String,
    pub parts: Vec<Part>,
    /// The language that it is in.
    pub flavor: Flavor,
}

/// A part of an expanded text: it goes on to where the next one begins.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Byte offset in the expanded text.
    pub start: usize,
    /// The offset of that byte among all texts that are loaded together.
    pub origin: usize,
    /// The file and line of that byte.
    pub location: SourceLocation,
}

impl Expanded {
    /// A text that calls no fragment.
    pub(crate) fn of(flavor: Flavor, file: SqlFile<'_>) -> Self {
        let mut expanded = Self::empty(flavor, file.name);
        expanded.push(file, 0..file.text.len());
        expanded
    }

    fn empty(flavor: Flavor, file: &str) -> Self {
        Self { file: file.to_owned(), text: String::new(), parts: Vec::new(), flavor }
    }

    /// The offset among all texts of a byte of the expanded one.
    pub(crate) fn offset_of(&self, offset: usize) -> usize {
        let part = self.parts.partition_point(|part| part.start <= offset).checked_sub(1);
        part.map(|part| &self.parts[part]).map_or(offset, |part| part.origin + (offset - part.start))
    }

    /// An error in the expanded text as one of the file that it comes from.
    pub(crate) fn told(&self, error: StatementError) -> StatementError {
        StatementError { offset: self.offset_of(error.offset), ..error }
    }

    fn push(&mut self, file: SqlFile<'_>, range: std::ops::Range<usize>) {
        if !range.is_empty() {
            let location = location(file, range.start);
            self.parts.push(Part { start: self.text.len(), origin: file.start + range.start, location });
            self.text.push_str(&file.text[range]);
        }
    }

    fn append(&mut self, other: &Self) {
        let moved = other.parts.iter().map(|part| Part { start: part.start + self.text.len(), ..part.clone() });
        self.parts.extend(moved);
        self.text.push_str(&other.text);
    }
}

fn location(file: SqlFile<'_>, offset: usize) -> SourceLocation {
    let line = file.text[..offset].matches('\n').count() + 1;
    SourceLocation { file: file.name.to_owned(), line: Some(line) }
}

/// Writes the fragments out that the text of a file calls.
///
/// # Errors
/// A fragment that is not there, that calls itself, or is called with other arguments than it takes; its offset counts
/// through all texts that are loaded together.
pub(crate) fn expand(
    flavor: Flavor,
    file: SqlFile<'_>,
    fragments: &BTreeMap<String, SqlFile<'_>>,
) -> Result<Expanded, StatementError> {
    let mut expander = Expander { flavor, fragments, path: Vec::new() };
    expander.expand(file, 0..file.text.len(), &mut Arguments::default())
}

struct Expander<'f> {
    flavor: Flavor,
    fragments: &'f BTreeMap<String, SqlFile<'f>>,
    /// The fragments that are being written out, the outermost first.
    path: Vec<String>,
}

/// What a fragment was called with.
#[derive(Default)]
struct Arguments {
    /// The text of each argument, written out where the call stands.
    texts: BTreeMap<String, Expanded>,
    /// Those that the fragment uses.
    used: BTreeSet<String>,
    /// The call, for messages; `None` for the statement itself.
    call: Option<(String, SourceLocation)>,
}

impl Expander<'_> {
    fn expand(
        &mut self,
        file: SqlFile<'_>,
        range: std::ops::Range<usize>,
        arguments: &mut Arguments,
    ) -> Result<Expanded, StatementError> {
        let text = &file.text[range.clone()];
        if !text.contains(CALL) {
            let mut expanded = Expanded::empty(self.flavor, file.name);
            expanded.push(file, range);
            return Ok(expanded);
        }
        let at = |offset: usize| file.start + range.start + offset;
        let mut scanner = Scanner::new(self.flavor, text);
        scanner.run().map_err(|error| StatementError { offset: at(error.offset), ..error })?;
        let mut expanded = Expanded::empty(self.flavor, file.name);
        let mut copied = range.start;
        for call in scanner.calls {
            expanded.push(file, copied..range.start + call.range.start);
            copied = range.start + call.range.end;
            expanded.append(&self.call(file, range.start, &call, arguments)?);
            if expanded.text.len() > MOST_BYTES {
                let what = format!("more than {} KiB of SQL with its fragments", MOST_BYTES / 1024);
                return fail(at(call.range.start), what, "call fewer fragments");
            }
        }
        expanded.push(file, copied..range.end);
        Ok(expanded)
    }

    /// What a call stands for. Its offsets count from `base` of the file.
    fn call(
        &mut self,
        file: SqlFile<'_>,
        base: usize,
        call: &Call<'_>,
        arguments: &mut Arguments,
    ) -> Result<Expanded, StatementError> {
        let offset = file.start + base + call.range.start;
        if let Some(text) = arguments.texts.get(call.name).filter(|_| call.arguments.is_empty()) {
            arguments.used.insert(call.name.to_owned());
            return Ok(text.clone());
        }
        let Some(fragment) = self.fragments.get(call.name).copied() else {
            return self.unknown(offset, call, arguments);
        };
        if self.path.iter().any(|name| name == call.name) {
            let path = self.path.iter().map(String::as_str).chain([call.name]).collect::<Vec<_>>().join(" calls ");
            return fail(
                offset,
                format!("the fragment \"{}\" calls itself: {path}", call.name),
                "remove one of these calls",
            );
        }
        if self.path.len() == MOST_DEEP {
            return fail(offset, format!("more than {MOST_DEEP} fragments in one another"), "call fewer fragments");
        }
        let at = location(file, base + call.range.start);
        let mut given = Arguments { call: Some((call.name.to_owned(), at)), ..Arguments::default() };
        for argument in &call.arguments {
            let text = self.argument(file, base, argument, &given, arguments)?;
            given.texts.insert(argument.name.to_owned(), text);
        }
        self.path.push(call.name.to_owned());
        let expanded = self.fragment(fragment, &mut given);
        self.path.pop();
        let expanded = expanded?;
        match call.arguments.iter().find(|argument| !given.used.contains(argument.name)) {
            None => Ok(expanded),
            Some(argument) => {
                let what = format!("the fragment \"{}\" does not use the argument \"{}\"", call.name, argument.name);
                let known = suggest(argument.name, given.used.iter().map(String::as_str));
                fail(file.start + base + argument.offset, what, known)
            }
        }
    }

    fn argument(
        &mut self,
        file: SqlFile<'_>,
        base: usize,
        argument: &Argument<'_>,
        given: &Arguments,
        callers: &mut Arguments,
    ) -> Result<Expanded, StatementError> {
        let offset = file.start + base + argument.offset;
        let name = argument.name;
        if given.texts.contains_key(name) {
            return fail(offset, format!("a second argument \"{name}\""), "keep one of them");
        }
        if self.fragments.contains_key(name) {
            let what = format!("the argument \"{name}\" has the name of a fragment");
            return fail(offset, what, "choose another name: {{name}} would mean either");
        }
        let value = base + argument.value.start..base + argument.value.end;
        self.expand(file, value, callers)
    }

    /// The text of a fragment, without the comments before and after it.
    fn fragment(&mut self, file: SqlFile<'_>, given: &mut Arguments) -> Result<Expanded, StatementError> {
        let mut scanner = Scanner::new(self.flavor, file.text);
        scanner.run().map_err(|error| StatementError { offset: file.start + error.offset, ..error })?;
        if let Some(offset) = scanner.semicolon {
            return fail(
                file.start + offset,
                "a semicolon in a fragment",
                "remove it: a fragment is a part of a statement",
            );
        }
        match scanner.body() {
            Some(body) => self.expand(file, body, given),
            None => fail(file.start, "a fragment without SQL", "write what its calls stand for, or remove it"),
        }
    }

    fn unknown(&self, offset: usize, call: &Call<'_>, arguments: &Arguments) -> Result<Expanded, StatementError> {
        let known = self.fragments.keys().chain(arguments.texts.keys()).map(String::as_str);
        let known = suggest(call.name, known);
        match &arguments.call {
            Some((fragment, at)) if call.arguments.is_empty() => {
                let what = format!("\"{}\" is no fragment, and no argument of {{{{{fragment}}}}} at {at}", call.name);
                fail(
                    offset,
                    what,
                    format!("write {{{{{fragment}({} => ..)}}}} there, or correct it: {known}", call.name),
                )
            }
            _ => fail(offset, format!("unknown fragment \"{}\"", call.name), known),
        }
    }
}

fn fail<T>(offset: usize, what: impl Into<String>, remedy: impl Into<String>) -> Result<T, StatementError> {
    Err(StatementError { offset, what: what.into(), remedy: remedy.into() })
}
