//! A `.sql` file of a pack: one PostgreSQL statement with `:name` parameters, which psql can run too.

use std::ops::Range;

use super::{AFTER, BEFORE, SEEN, StatementError};
use crate::document::SourceLocation;

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// The name without the colon.
    pub name: String,
    /// Whether the value is bound as a list of texts rather than as one text.
    pub is_list: bool,
}

impl Param {
    /// A parameter of a query. There, `keys` is the only list.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.into(), is_list: name == "keys" }
    }
}

/// One SQL statement with its `:name` parameters numbered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sql {
    /// The file of the statement, for messages: `packs/<system>/<file>`.
    pub file: String,
    /// The statement with `$1`, `$2` .. for the parameters, without `\set` lines and without the closing semicolon. The
    /// line numbers are those of the file.
    pub text: String,
    /// The parameters in the order of their numbers, `$1` first; every name once.
    pub params: Vec<Param>,
}

impl Sql {
    /// Reads the text of a query's file. Returns the statement, and for each parameter the byte offset of its first
    /// use.
    pub(crate) fn parse(file: &str, text: &str) -> Result<(Self, Vec<usize>), StatementError> {
        let mut scanner = Scanner::new(text);
        scanner.run()?;
        scanner.check_read()?;
        let sql = Self { file: file.into(), text: scanner.finish(), params: std::mem::take(&mut scanner.params) };
        Ok((sql, scanner.param_offsets))
    }

    /// Reads the text of an action's file, which may write; else like [`Sql::parse`]. Parameters with one of the
    /// prefixes [`SEEN`], [`BEFORE`] and [`AFTER`] are lists, with a value for each row.
    pub(crate) fn parse_write(file: &str, text: &str) -> Result<(Self, Vec<usize>), StatementError> {
        let mut scanner = Scanner::new(text);
        scanner.run()?;
        scanner.check_write()?;
        let mut params = std::mem::take(&mut scanner.params);
        for param in &mut params {
            param.is_list |= [SEEN, BEFORE, AFTER].iter().any(|prefix| param.name.starts_with(prefix));
        }
        Ok((Self { file: file.into(), text: scanner.finish(), params }, scanner.param_offsets))
    }

    /// The line of the file where a character of [`Sql::text`] stands, counted from 0.
    #[must_use]
    pub fn location(&self, at: usize) -> SourceLocation {
        let line = 1 + self.text.chars().take(at).filter(|c| *c == '\n').count();
        SourceLocation { file: self.file.clone(), line: Some(line) }
    }

    /// The text with other names. `\set` lines, parameters, strings and comments stay as they are. `rename` returns the
    /// new name, or `None` to keep a name; a name without quotes is given to it in lower case, as PostgreSQL folds it.
    /// `None` when the text cannot be read as SQL.
    #[must_use]
    pub fn rename(text: &str, rename: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut scanner = Scanner::new(text);
        scanner.run().ok()?;
        let mut output = String::with_capacity(text.len());
        let mut copied = 0;
        for name in scanner.names {
            let written = &text[name.clone()];
            let (is_quoted, bare) = match written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
                Some(bare) => (true, bare.to_owned()),
                None => (false, written.to_lowercase()),
            };
            let Some(new) = rename(&bare) else { continue };
            output.push_str(&text[copied..name.start]);
            if is_quoted || !new.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
            {
                output.extend(["\"", &new, "\""]);
            } else {
                output.push_str(&new);
            }
            copied = name.end;
        }
        output.push_str(&text[copied..]);
        Some(output)
    }
}

/// Reads a statement as PostgreSQL's lexer does, but only as far as is needed to find parameters, names and the end of
/// the statement.
struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// Byte offset of the next byte to read.
    offset: usize,
    output: String,
    params: Vec<Param>,
    /// The byte offset of the first use of each parameter.
    param_offsets: Vec<usize>,
    /// Length of `output` after the last byte of the statement itself. Blanks and comments after that byte are cut off:
    /// the statement becomes a subquery, and a closing comment would swallow the text after it.
    significant: usize,
    first_word: Option<Range<usize>>,
    /// Whether the semicolon was read.
    ended: bool,
    /// How many square brackets are open.
    brackets: usize,
    /// The ranges of names, with and without quotes. Keywords are among them.
    names: Vec<Range<usize>>,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        let output = String::with_capacity(text.len());
        Self {
            text,
            bytes: text.as_bytes(),
            offset: 0,
            output,
            params: Vec::new(),
            param_offsets: Vec::new(),
            significant: 0,
            first_word: None,
            ended: false,
            brackets: 0,
            names: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<(), StatementError> {
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b'\\', _) => self.skip_psql_command()?,
                (b'-', Some(b'-')) => self.copy_to(self.line_end()),
                (b'/', Some(b'*')) => self.comment()?,
                (b, _) if b.is_ascii_whitespace() => self.copy_to(self.offset + 1),
                _ if self.ended => {
                    return self.fail(self.offset, "a second statement", "keep one statement in a file");
                }
                (b';', _) => {
                    self.ended = true;
                    self.offset += 1;
                }
                (b'\'', _) => self.string(false)?,
                (b'"', _) => self.quoted_name()?,
                (b'$', _) => self.dollar()?,
                (b':', _) => self.colon()?,
                (b, _) if is_name_start(b) => self.word()?,
                (b, _) => self.other(b),
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> String {
        self.output.truncate(self.significant);
        std::mem::take(&mut self.output)
    }

    fn check_read(&self) -> Result<(), StatementError> {
        let Some(first) = self.first_word.clone() else {
            return self.fail(0, "no statement", "write a SELECT");
        };
        let word = self.text[first.clone()].to_ascii_lowercase();
        if matches!(word.as_str(), "select" | "with" | "values" | "table" | "(") {
            return Ok(());
        }
        let what = format!("a statement that begins with \"{word}\"");
        self.fail(first.start, what, "a view only reads: begin with SELECT, WITH, VALUES or TABLE")
    }

    fn check_write(&self) -> Result<(), StatementError> {
        let Some(first) = self.first_word.clone() else {
            return self.fail(0, "no statement", "write an UPDATE");
        };
        let word = self.text[first.clone()].to_ascii_lowercase();
        if matches!(word.as_str(), "update" | "insert" | "delete" | "select" | "with") {
            return Ok(());
        }
        let what = format!("a statement that begins with \"{word}\"");
        self.fail(first.start, what, "an action writes rows: begin with UPDATE, INSERT, DELETE, SELECT or WITH")
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.offset + ahead).copied()
    }

    fn fail<T>(&self, offset: usize, what: impl Into<String>, remedy: &str) -> Result<T, StatementError> {
        Err(StatementError { offset: offset.min(self.text.len()), what: what.into(), remedy: remedy.into() })
    }

    /// Copies blanks and comments.
    fn copy_to(&mut self, end: usize) {
        self.output.push_str(&self.text[self.offset..end]);
        self.offset = end;
    }

    /// Copies a part of the statement itself.
    fn copy_significant_to(&mut self, end: usize) {
        if self.first_word.is_none() {
            self.first_word = Some(self.offset..end);
        }
        self.copy_to(end);
        self.significant = self.output.len();
    }

    fn line_end(&self) -> usize {
        self.text[self.offset..].find('\n').map_or(self.text.len(), |n| self.offset + n)
    }

    /// Leaves out a `\set` line of psql. The newline stays, so that the line numbers do not change.
    fn skip_psql_command(&mut self) -> Result<(), StatementError> {
        let begins_line = self.offset == 0 || self.bytes[self.offset - 1] == b'\n';
        let end = self.line_end();
        let line = &self.text[self.offset..end];
        let rest = line.strip_prefix("\\set");
        if !begins_line || !rest.is_some_and(|rest| rest.starts_with([' ', '\t'])) {
            let shown: String = line.chars().take(20).collect();
            return self.fail(self.offset, format!("psql's \"{shown}\""), "only \\set lines are skipped; remove it");
        }
        self.offset = end;
        Ok(())
    }

    fn comment(&mut self) -> Result<(), StatementError> {
        let mut depth = 0_usize;
        let mut end = self.offset;
        loop {
            match (self.bytes.get(end), self.bytes.get(end + 1)) {
                (Some(b'/'), Some(b'*')) => {
                    depth += 1;
                    end += 2;
                }
                (Some(b'*'), Some(b'/')) => {
                    depth -= 1;
                    end += 2;
                    if depth == 0 {
                        break;
                    }
                }
                (Some(_), _) => end += 1,
                (None, _) => return self.fail(self.offset, "a comment without an end", "close it with */"),
            }
        }
        self.copy_to(end);
        Ok(())
    }

    /// Copies a string from its opening quote on. A string with a doubled quote is read as two strings in a row: the
    /// text that is copied is the same.
    fn string(&mut self, backslashes: bool) -> Result<(), StatementError> {
        let mut end = self.offset + 1;
        loop {
            match self.bytes.get(end) {
                Some(b'\'') => break,
                Some(b'\\') if backslashes => end += 2,
                Some(_) => end += 1,
                None => return self.fail(self.offset, "a string without an end", "close it with '"),
            }
        }
        // After a doubled quote an E'..' string goes on, and backslashes still escape.
        self.copy_significant_to(end + 1);
        if backslashes && self.peek(0) == Some(b'\'') {
            return self.string(true);
        }
        Ok(())
    }

    fn quoted_name(&mut self) -> Result<(), StatementError> {
        match self.text[self.offset + 1..].find('"') {
            Some(length) => {
                self.names.push(self.offset..self.offset + length + 2);
                self.copy_significant_to(self.offset + length + 2);
                Ok(())
            }
            None => self.fail(self.offset, "a quoted name without an end", "close it with \""),
        }
    }

    /// Copies `$tag$ .. $tag$`, or a single dollar.
    fn dollar(&mut self) -> Result<(), StatementError> {
        if self.peek(1).is_some_and(|byte| byte.is_ascii_digit()) {
            return self.fail(self.offset, "a numbered parameter", "write parameters as :name");
        }
        let rest = &self.text[self.offset + 1..];
        let tag = rest.bytes().take_while(|byte| is_name_part(*byte) && *byte != b'$').count();
        if rest.as_bytes().get(tag) != Some(&b'$') {
            self.copy_significant_to(self.offset + 1);
            return Ok(());
        }
        let quote = &self.text[self.offset..self.offset + tag + 2];
        match self.text[self.offset + quote.len()..].find(quote) {
            Some(length) => {
                self.copy_significant_to(self.offset + length + 2 * quote.len());
                Ok(())
            }
            None => self.fail(self.offset, format!("a string {quote} without an end"), "close it with the same tag"),
        }
    }

    fn colon(&mut self) -> Result<(), StatementError> {
        match self.peek(1) {
            Some(b':' | b'=') => {
                self.copy_significant_to(self.offset + 2);
                Ok(())
            }
            Some(b'\'' | b'"' | b'{') => {
                self.fail(self.offset, "a psql variable in quotes", "write :name; values are bound, never pasted")
            }
            Some(byte) if is_param_start(byte) && !self.is_slice() => {
                self.param();
                Ok(())
            }
            _ => {
                self.copy_significant_to(self.offset + 1);
                Ok(())
            }
        }
    }

    /// Whether a colon separates the bounds of an array slice, as in `a[1:n]`: in brackets, right after an operand.
    fn is_slice(&self) -> bool {
        let before = self.offset.checked_sub(1).map(|at| self.bytes[at]);
        self.brackets > 0 && before.is_some_and(|byte| is_name_part(byte) || matches!(byte, b')' | b']' | b'"'))
    }

    fn param(&mut self) {
        let name = &self.text[self.offset + 1..];
        let length = name.bytes().take_while(|byte| is_param_start(*byte) || byte.is_ascii_digit()).count();
        let name = &name[..length];
        let n = self.params.iter().position(|param| param.name == name).unwrap_or_else(|| {
            self.params.push(Param::new(name));
            self.param_offsets.push(self.offset);
            self.params.len() - 1
        });
        if self.first_word.is_none() {
            self.first_word = Some(self.offset..self.offset + 1 + length);
        }
        self.output.push('$');
        self.output.push_str(&(n + 1).to_string());
        self.offset += 1 + length;
        self.significant = self.output.len();
    }

    fn word(&mut self) -> Result<(), StatementError> {
        let length = self.bytes[self.offset..].iter().take_while(|byte| is_name_part(**byte)).count();
        let escapes = length == 1 && matches!(self.bytes[self.offset], b'e' | b'E');
        self.names.push(self.offset..self.offset + length);
        self.copy_significant_to(self.offset + length);
        if escapes && self.peek(0) == Some(b'\'') {
            return self.string(true);
        }
        Ok(())
    }

    fn other(&mut self, byte: u8) {
        match byte {
            b'[' => self.brackets += 1,
            b']' => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
        // Digits and letters after them are one token, so that `1e'..'` is not taken for an E'..' string.
        let length = if byte.is_ascii_digit() {
            self.bytes[self.offset..].iter().take_while(|byte| is_name_part(**byte)).count()
        } else {
            1
        };
        self.copy_significant_to(self.offset + length);
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_name_part(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_param_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

#[cfg(test)]
mod tests;
