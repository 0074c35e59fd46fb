//! A `.sql` file of a pack.

use std::ops::Range;

use super::{AFTER, BEFORE, SEEN};

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Without the colon.
    pub name: String,
    /// Bound as a list of texts rather than as one.
    pub is_list: bool,
}

impl Param {
    /// `keys` is the only list.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.into(), is_list: name == "keys" }
    }
}

/// One SQL statement, its `:name` parameters numbered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sql {
    /// Where it stands, for messages: `packs/<system>/<file>`.
    pub file: String,
    /// With `$1`, `$2` .. for the parameters and no `\set` lines and no closing semicolon. Lines keep their numbers.
    pub text: String,
    /// The n-th is `$n+1`; every name once.
    pub params: Vec<Param>,
}

/// Why a text is not one statement of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SqlError {
    /// Byte offset in the file.
    pub at: usize,
    pub what: String,
    pub remedy: &'static str,
}

impl Sql {
    /// Reads the text of a file, and tells where each parameter stands first.
    pub(crate) fn parse(file: &str, text: &str) -> Result<(Self, Vec<usize>), SqlError> {
        let mut scanner = Scanner::new(text);
        scanner.run()?;
        scanner.check_read()?;
        let sql = Self { file: file.into(), text: scanner.finish(), params: std::mem::take(&mut scanner.params) };
        Ok((sql, scanner.places))
    }

    /// Reads the text of an action's file: it may write, and what it is given of each row is a list.
    pub(crate) fn parse_write(file: &str, text: &str) -> Result<(Self, Vec<usize>), SqlError> {
        let mut scanner = Scanner::new(text);
        scanner.run()?;
        scanner.check_write()?;
        let mut params = std::mem::take(&mut scanner.params);
        for param in &mut params {
            param.is_list |= [SEEN, BEFORE, AFTER].iter().any(|prefix| param.name.starts_with(prefix));
        }
        Ok((Self { file: file.into(), text: scanner.finish(), params }, scanner.places))
    }

    /// The text with names replaced, its `\set` lines, parameters, strings and comments as they are. `rename` is asked
    /// for every name, in lower case where it stands without quotes, and answers with the new one. `None` when the text
    /// cannot be read as SQL.
    #[must_use]
    pub fn rename(text: &str, rename: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut scanner = Scanner::new(text);
        scanner.run().ok()?;
        let mut out = String::with_capacity(text.len());
        let mut copied = 0;
        for name in scanner.names {
            let written = &text[name.clone()];
            let (is_quoted, bare) = match written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
                Some(bare) => (true, bare.to_owned()),
                None => (false, written.to_lowercase()),
            };
            let Some(new) = rename(&bare) else { continue };
            out.push_str(&text[copied..name.start]);
            if is_quoted || !new.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
            {
                out.extend(["\"", &new, "\""]);
            } else {
                out.push_str(&new);
            }
            copied = name.end;
        }
        out.push_str(&text[copied..]);
        Some(out)
    }
}

/// Walks a statement as PostgreSQL's lexer does, only as far as parameters and the end of the statement need it.
struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    out: String,
    params: Vec<Param>,
    /// Of each parameter, its first use.
    places: Vec<usize>,
    /// Length of `out` after the last byte that is neither blank nor comment: the statement's end, so that what wraps
    /// it is not swallowed by a closing comment.
    significant: usize,
    first_word: Option<(usize, usize)>,
    closed: bool,
    brackets: usize,
    /// Where names stand, quoted or not, and keywords among them.
    names: Vec<Range<usize>>,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        let out = String::with_capacity(text.len());
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            out,
            params: Vec::new(),
            places: Vec::new(),
            significant: 0,
            first_word: None,
            closed: false,
            brackets: 0,
            names: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<(), SqlError> {
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b'\\', _) => self.skip_command()?,
                (b'-', Some(b'-')) => self.copy_to(self.line_end()),
                (b'/', Some(b'*')) => self.comment()?,
                (b, _) if b.is_ascii_whitespace() => self.copy_to(self.at + 1),
                _ if self.closed => {
                    return self.fail(self.at, "a second statement", "keep one statement in a file");
                }
                (b';', _) => {
                    self.closed = true;
                    self.at += 1;
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
        self.out.truncate(self.significant);
        std::mem::take(&mut self.out)
    }

    fn check_read(&self) -> Result<(), SqlError> {
        let Some((from, to)) = self.first_word else {
            return self.fail(0, "no statement", "write a SELECT");
        };
        let word = self.text[from..to].to_ascii_lowercase();
        if matches!(word.as_str(), "select" | "with" | "values" | "table" | "(") {
            return Ok(());
        }
        let what = format!("a statement that begins with \"{word}\"");
        self.fail(from, what, "a view only reads: begin with SELECT, WITH, VALUES or TABLE")
    }

    fn check_write(&self) -> Result<(), SqlError> {
        let Some((from, to)) = self.first_word else {
            return self.fail(0, "no statement", "write an UPDATE");
        };
        let word = self.text[from..to].to_ascii_lowercase();
        if matches!(word.as_str(), "update" | "insert" | "delete" | "select" | "with") {
            return Ok(());
        }
        let what = format!("a statement that begins with \"{word}\"");
        self.fail(from, what, "an action writes rows: begin with UPDATE, INSERT, DELETE, SELECT or WITH")
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn fail<T>(&self, at: usize, what: impl Into<String>, remedy: &'static str) -> Result<T, SqlError> {
        Err(SqlError { at: at.min(self.text.len()), what: what.into(), remedy })
    }

    /// Copies blanks and comments.
    fn copy_to(&mut self, end: usize) {
        self.out.push_str(&self.text[self.at..end]);
        self.at = end;
    }

    /// Copies what belongs to the statement.
    fn take_to(&mut self, end: usize) {
        if self.first_word.is_none() {
            self.first_word = Some((self.at, end));
        }
        self.copy_to(end);
        self.significant = self.out.len();
    }

    fn line_end(&self) -> usize {
        self.text[self.at..].find('\n').map_or(self.text.len(), |n| self.at + n)
    }

    /// A psql line is left out; its newline stays.
    fn skip_command(&mut self) -> Result<(), SqlError> {
        let begins_line = self.at == 0 || self.bytes[self.at - 1] == b'\n';
        let end = self.line_end();
        let line = &self.text[self.at..end];
        let rest = line.strip_prefix("\\set");
        if !begins_line || !rest.is_some_and(|rest| rest.starts_with([' ', '\t'])) {
            let shown: String = line.chars().take(20).collect();
            return self.fail(self.at, format!("psql's \"{shown}\""), "only \\set lines are skipped; remove it");
        }
        self.at = end;
        Ok(())
    }

    fn comment(&mut self) -> Result<(), SqlError> {
        let mut depth = 0_usize;
        let mut at = self.at;
        loop {
            match (self.bytes.get(at), self.bytes.get(at + 1)) {
                (Some(b'/'), Some(b'*')) => {
                    depth += 1;
                    at += 2;
                }
                (Some(b'*'), Some(b'/')) => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        break;
                    }
                }
                (Some(_), _) => at += 1,
                (None, _) => return self.fail(self.at, "a comment without an end", "close it with */"),
            }
        }
        self.copy_to(at);
        Ok(())
    }

    /// From the opening quote. A doubled quote reads as two strings in a row, which is as good.
    fn string(&mut self, backslashes: bool) -> Result<(), SqlError> {
        let mut at = self.at + 1;
        loop {
            match self.bytes.get(at) {
                Some(b'\'') => break,
                Some(b'\\') if backslashes => at += 2,
                Some(_) => at += 1,
                None => return self.fail(self.at, "a string without an end", "close it with '"),
            }
        }
        // The second quote of a doubled one must not end an E'..' string: there the rest would be read without escapes.
        self.take_to(at + 1);
        if backslashes && self.peek(0) == Some(b'\'') {
            return self.string(true);
        }
        Ok(())
    }

    fn quoted_name(&mut self) -> Result<(), SqlError> {
        match self.text[self.at + 1..].find('"') {
            Some(length) => {
                self.names.push(self.at..self.at + length + 2);
                self.take_to(self.at + length + 2);
                Ok(())
            }
            None => self.fail(self.at, "a quoted name without an end", "close it with \""),
        }
    }

    /// `$tag$ .. $tag$`, or a stray dollar.
    fn dollar(&mut self) -> Result<(), SqlError> {
        if self.peek(1).is_some_and(|byte| byte.is_ascii_digit()) {
            return self.fail(self.at, "a numbered parameter", "write parameters as :name");
        }
        let rest = &self.text[self.at + 1..];
        let tag = rest.bytes().take_while(|byte| is_name_part(*byte) && *byte != b'$').count();
        if rest.as_bytes().get(tag) != Some(&b'$') {
            self.take_to(self.at + 1);
            return Ok(());
        }
        let quote = &self.text[self.at..self.at + tag + 2];
        match self.text[self.at + quote.len()..].find(quote) {
            Some(length) => {
                self.take_to(self.at + length + 2 * quote.len());
                Ok(())
            }
            None => self.fail(self.at, format!("a string {quote} without an end"), "close it with the same tag"),
        }
    }

    fn colon(&mut self) -> Result<(), SqlError> {
        match self.peek(1) {
            Some(b':' | b'=') => {
                self.take_to(self.at + 2);
                Ok(())
            }
            Some(b'\'' | b'"' | b'{') => {
                self.fail(self.at, "a psql variable in quotes", "write :name; values are bound, never pasted")
            }
            Some(byte) if is_param_start(byte) && !self.is_slice() => {
                self.param();
                Ok(())
            }
            _ => {
                self.take_to(self.at + 1);
                Ok(())
            }
        }
    }

    /// `a[1:n]`: in brackets, a colon right after an operand separates bounds.
    fn is_slice(&self) -> bool {
        let before = self.at.checked_sub(1).map(|at| self.bytes[at]);
        self.brackets > 0 && before.is_some_and(|byte| is_name_part(byte) || matches!(byte, b')' | b']' | b'"'))
    }

    fn param(&mut self) {
        let name = &self.text[self.at + 1..];
        let length = name.bytes().take_while(|byte| is_param_start(*byte) || byte.is_ascii_digit()).count();
        let name = &name[..length];
        let n = self.params.iter().position(|param| param.name == name).unwrap_or_else(|| {
            self.params.push(Param::new(name));
            self.places.push(self.at);
            self.params.len() - 1
        });
        if self.first_word.is_none() {
            self.first_word = Some((self.at, self.at + 1 + length));
        }
        self.out.push('$');
        self.out.push_str(&(n + 1).to_string());
        self.at += 1 + length;
        self.significant = self.out.len();
    }

    fn word(&mut self) -> Result<(), SqlError> {
        let length = self.bytes[self.at..].iter().take_while(|byte| is_name_part(**byte)).count();
        let escapes = length == 1 && matches!(self.bytes[self.at], b'e' | b'E');
        self.names.push(self.at..self.at + length);
        self.take_to(self.at + length);
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
        // A digit run is taken whole, so that `1e'..'` cannot pass for an E'..' string.
        let length = if byte.is_ascii_digit() {
            self.bytes[self.at..].iter().take_while(|byte| is_name_part(**byte)).count()
        } else {
            1
        };
        self.take_to(self.at + length);
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
