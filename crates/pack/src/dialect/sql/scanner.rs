//! Reads SQL as the lexer of its engine does, but only as far as is needed to find parameters, names, fragments and the
//! end of the statement.

use std::ops::Range;

use super::{super::StatementError, Flavor, Param};

/// How deep calls of fragments may stand in the arguments of others.
const MOST_NESTED: usize = 16;

/// Reads one text. What it found is in its fields when [`Scanner::run`] has returned.
pub(super) struct Scanner<'t> {
    flavor: Flavor,
    /// Whether names of variables may stand in T-SQL, as those of a procedure's arguments do.
    takes_variables: bool,
    text: &'t str,
    bytes: &'t [u8],
    /// Byte offset of the next byte to read.
    offset: usize,
    output: String,
    pub(super) params: Vec<Param>,
    /// The byte offset of the first use of each parameter.
    pub(super) param_offsets: Vec<usize>,
    /// Byte offsets in the text, ascending, whose places in the output are wanted.
    wanted: &'t [usize],
    /// The places of those that were passed.
    pub(super) places: Vec<usize>,
    /// Length of `output` after the last byte of the statement itself. Blanks and comments after that byte are cut off:
    /// the statement becomes a subquery, and a closing comment would swallow the text after it.
    significant: usize,
    first_word: Option<Range<usize>>,
    /// Byte offset in the text after the last byte of the statement itself.
    end: usize,
    /// Byte offset of the semicolon, when it was read.
    pub(super) semicolon: Option<usize>,
    /// How many square brackets are open, where they are no quotes.
    brackets: usize,
    /// How many round brackets are open.
    depth: usize,
    /// The words that are not quoted, with what stands before them.
    pub(super) words: Vec<Word>,
    /// The last token of the statement.
    previous: Previous,
    /// The ranges of names, with and without quotes. Keywords are among them; names of fragments and of their arguments
    /// are not.
    pub(super) names: Vec<Range<usize>>,
    /// The calls of fragments, in order, without those in arguments of others.
    pub(super) calls: Vec<Call<'t>>,
    /// In how many calls the scanner is.
    nested: usize,
    /// Whether `$1` is read as a parameter's number: in a statement that has been read before.
    numbers: Option<&'t [Param]>,
}

/// A word that is not quoted: a keyword, or a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) range: Range<usize>,
    /// How many round brackets are open before it.
    pub(super) depth: usize,
    /// The token before it.
    pub(super) previous: Previous,
}

/// A token of a statement, as far as what follows it depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Previous {
    /// Nothing stands before.
    Nothing,
    /// The word of this index.
    Word(usize),
    /// Another token, by its last byte.
    Other(u8),
}

/// `{{name}}` or `{{name(argument => text, ..)}}` in a text.
#[derive(Debug)]
pub(super) struct Call<'t> {
    /// From the opening to the closing braces.
    pub(super) range: Range<usize>,
    pub(super) name: &'t str,
    pub(super) arguments: Vec<Argument<'t>>,
}

/// An argument of a call.
#[derive(Debug)]
pub(super) struct Argument<'t> {
    /// Byte offset of its name.
    pub(super) offset: usize,
    pub(super) name: &'t str,
    /// The range of its text, which is not blank.
    pub(super) value: Range<usize>,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(flavor: Flavor, text: &'t str) -> Self {
        let output = String::with_capacity(text.len());
        Self {
            flavor,
            takes_variables: false,
            text,
            bytes: text.as_bytes(),
            offset: 0,
            output,
            params: Vec::new(),
            param_offsets: Vec::new(),
            wanted: &[],
            places: Vec::new(),
            significant: 0,
            first_word: None,
            end: 0,
            semicolon: None,
            brackets: 0,
            depth: 0,
            words: Vec::new(),
            previous: Previous::Nothing,
            names: Vec::new(),
            calls: Vec::new(),
            nested: 0,
            numbers: None,
        }
    }

    /// Lets names of variables stand in T-SQL.
    pub(super) fn with_variables(mut self, takes_variables: bool) -> Self {
        self.takes_variables = takes_variables;
        self
    }

    /// Also finds the places in the output of these byte offsets, which ascend.
    pub(super) fn placing(mut self, wanted: &'t [usize]) -> Self {
        self.wanted = wanted;
        self
    }

    /// Writes the numbers of parameters as names again.
    pub(super) fn naming(mut self, params: &'t [Param]) -> Self {
        self.numbers = Some(params);
        self
    }

    /// The text that is read.
    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    pub(super) fn run(&mut self) -> Result<(), StatementError> {
        while self.peek(0).is_some() {
            self.token()?;
        }
        self.place();
        Ok(())
    }

    /// Records the places of the wanted offsets that are reached.
    fn place(&mut self) {
        while self.wanted.get(self.places.len()).is_some_and(|wanted| *wanted <= self.offset) {
            self.places.push(self.output.len());
        }
    }

    fn token(&mut self) -> Result<(), StatementError> {
        self.place();
        let Some(byte) = self.peek(0) else { return Ok(()) };
        let is_tsql = self.flavor == Flavor::SqlServer;
        match (byte, self.peek(1)) {
            (b'\\', _) if !is_tsql => self.refuse_psql_command()?,
            (b'-', Some(b'-')) => self.line_comment()?,
            (b'/', Some(b'*')) => self.comment()?,
            (b, _) if b.is_ascii_whitespace() => self.copy_to(self.offset + 1),
            _ if self.semicolon.is_some() => {
                return self.fail(self.offset, "a second statement", "keep one statement in a file");
            }
            (b';', _) => {
                self.semicolon = Some(self.offset);
                self.offset += 1;
            }
            (b'\'', _) => self.string(false)?,
            (b'"', _) => self.quoted_name('"')?,
            (b'[', _) if is_tsql => self.quoted_name(']')?,
            (b'@' | b'#', _) if is_tsql => self.variable()?,
            (b'$', _) if !is_tsql => self.dollar()?,
            (b':', _) => self.colon()?,
            (b'{', Some(b'{')) => self.call()?,
            (b, _) if is_tsql && !b.is_ascii() => {
                let remedy = "put names with such characters in brackets: some of them are blanks to the server";
                return self.fail(self.offset, "a character outside of quotes that is not ASCII", remedy);
            }
            (b, _) if is_name_start(b) => self.word()?,
            (b, _) => self.other(b),
        }
        Ok(())
    }

    /// The range of the text from the first to the last byte of the statement itself; `None` when there is none.
    pub(super) fn body(&self) -> Option<Range<usize>> {
        Some(self.first_word.as_ref()?.start..self.end)
    }

    pub(super) fn finish(&mut self) -> String {
        self.output.truncate(self.significant);
        std::mem::take(&mut self.output)
    }

    pub(super) fn check_read(&self) -> Result<(), StatementError> {
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

    pub(super) fn check_write(&self) -> Result<(), StatementError> {
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
        self.end = end;
        self.previous = end.checked_sub(1).map_or(Previous::Nothing, |last| Previous::Other(self.bytes[last]));
    }

    fn line_end(&self) -> usize {
        self.text[self.offset..].find('\n').map_or(self.text.len(), |n| self.offset + n)
    }

    fn refuse_psql_command(&mut self) -> Result<(), StatementError> {
        let shown: String = self.text[self.offset..self.line_end()].chars().take(20).collect();
        let remedy = "remove it: `opsdash packs sql VIEW` prints what psql runs, with its \\set lines";
        self.fail(self.offset, format!("psql's \"{shown}\""), remedy)
    }

    /// Reads a call of a fragment, with its arguments.
    fn call(&mut self) -> Result<(), StatementError> {
        let start = self.offset;
        if self.nested == MOST_NESTED {
            return self.fail(start, "calls of fragments too deep in one another", "make a fragment of the inner ones");
        }
        self.nested += 1;
        self.copy_significant_to(start + 2);
        let name = self.id(start)?;
        let mut arguments = Vec::new();
        if self.skip_blanks() == Some(b'(') {
            loop {
                self.copy_significant_to(self.offset + 1);
                arguments.push(self.argument(start)?);
                if self.peek(0) == Some(b')') {
                    break;
                }
            }
            self.copy_significant_to(self.offset + 1);
        }
        if !(self.skip_blanks() == Some(b'}') && self.peek(1) == Some(b'}')) {
            return self.fail(start, format!("\"{{{{{name}\" without an end"), CALL_REMEDY);
        }
        self.copy_significant_to(self.offset + 2);
        self.nested -= 1;
        if self.nested == 0 {
            self.calls.push(Call { range: start..self.offset, name, arguments });
        }
        Ok(())
    }

    /// Reads an argument up to the comma or the bracket after it.
    fn argument(&mut self, call: usize) -> Result<Argument<'t>, StatementError> {
        self.skip_blanks();
        let offset = self.offset;
        let name = self.id(call)?;
        if !(self.skip_blanks() == Some(b'=') && self.peek(1) == Some(b'>')) {
            return self.fail(offset, format!("the argument \"{name}\" without a text"), CALL_REMEDY);
        }
        self.copy_significant_to(self.offset + 2);
        self.skip_blanks();
        let start = self.offset;
        let mut open = 0_usize;
        loop {
            match self.peek(0) {
                None => return self.fail(call, "a call of a fragment without an end", CALL_REMEDY),
                Some(b';') => return self.fail(self.offset, "a semicolon in an argument", "remove it"),
                Some(b',' | b')') if open == 0 => break,
                Some(b'(' | b'[') => open += 1,
                Some(b')' | b']') => open = open.saturating_sub(1),
                Some(_) => {}
            }
            self.token()?;
        }
        if self.end <= start {
            return self.fail(offset, format!("the argument \"{name}\" without a text"), CALL_REMEDY);
        }
        Ok(Argument { offset, name, value: start..self.end })
    }

    /// Reads the name of a fragment or of an argument.
    fn id(&mut self, call: usize) -> Result<&'t str, StatementError> {
        self.skip_blanks();
        let rest = &self.text[self.offset..];
        let length = rest.bytes().take_while(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')).count();
        if !rest.starts_with(|c: char| c.is_ascii_lowercase()) {
            return self.fail(call, "\"{{\" that calls no fragment", CALL_REMEDY);
        }
        self.copy_significant_to(self.offset + length);
        Ok(&rest[..length])
    }

    /// Copies blanks, and returns the byte after them.
    fn skip_blanks(&mut self) -> Option<u8> {
        let rest = &self.text[self.offset..];
        self.copy_to(self.offset + rest.bytes().take_while(u8::is_ascii_whitespace).count());
        self.peek(0)
    }

    fn line_comment(&mut self) -> Result<(), StatementError> {
        let end = self.line_end();
        let comment = &self.text[self.offset..end];
        let comment = comment.strip_suffix('\r').unwrap_or(comment);
        if self.flavor == Flavor::SqlServer && comment.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            let remedy = "end the line with a line break: the server may read what follows as no comment";
            return self.fail(self.offset, "an odd end of a line in a comment", remedy);
        }
        self.copy_to(end);
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

    /// Copies a quoted name. A doubled quote in it begins another one: the text that is copied is the same.
    fn quoted_name(&mut self, close: char) -> Result<(), StatementError> {
        let start = self.offset;
        let mut from = start + 1;
        loop {
            let Some(length) = self.text[from..].find(close) else {
                return self.fail(start, "a quoted name without an end", &format!("close it with {close}"));
            };
            let end = from + length + 1;
            // Of `[a]]b]` the second bracket would be no quote that opens.
            if close == ']' && self.bytes.get(end) == Some(&b']') {
                from = end + 1;
                continue;
            }
            self.names.push(start..end);
            self.copy_significant_to(end);
            return Ok(());
        }
    }

    /// A variable of T-SQL, or a temporary table. What the server itself provides may be read; of a parameter, its name.
    fn variable(&mut self) -> Result<(), StatementError> {
        let start = self.offset;
        let length = self.bytes[start..].iter().take_while(|byte| is_tsql_part(**byte)).count();
        let name = &self.text[start..start + length];
        if let Some(param) = self.numbers.and_then(|params| {
            let number = name.strip_prefix("@P")?.parse::<usize>().ok()?;
            params.get(number.checked_sub(1)?)
        }) {
            self.output.extend([":", param.name.as_str()]);
            self.offset += length;
            self.significant = self.output.len();
            return Ok(());
        }
        if name.starts_with("@@") {
            self.copy_significant_to(start + length);
            return Ok(());
        }
        if self.takes_variables && name.starts_with('@') {
            self.copy_significant_to(start + length);
            return Ok(());
        }
        let what = if name.starts_with('#') { "a temporary table" } else { "a variable" };
        self.fail(start, format!("{what} {name}"), "write parameters as :name; one statement declares nothing")
    }

    /// Copies `$tag$ .. $tag$`, or a single dollar.
    fn dollar(&mut self) -> Result<(), StatementError> {
        if self.peek(1).is_some_and(|byte| byte.is_ascii_digit()) {
            return self.number();
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

    /// Writes a parameter's number as its name, where that is wanted.
    fn number(&mut self) -> Result<(), StatementError> {
        let digits = self.bytes[self.offset + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let end = self.offset + 1 + digits;
        let number = self.text[self.offset + 1..end].parse::<usize>().unwrap_or_default();
        match self.numbers.and_then(|params| params.get(number.checked_sub(1)?)) {
            Some(param) => {
                self.output.extend([":", param.name.as_str()]);
                self.offset = end;
                self.significant = self.output.len();
                Ok(())
            }
            None => self.fail(self.offset, "a numbered parameter", "write parameters as :name"),
        }
    }

    fn colon(&mut self) -> Result<(), StatementError> {
        match self.peek(1) {
            Some(b':') => {
                self.copy_significant_to(self.offset + 2);
                Ok(())
            }
            Some(b'=') if self.flavor == Flavor::PostgreSql => {
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
        self.output.push_str(self.flavor.mark());
        self.output.push_str(&(n + 1).to_string());
        self.previous = Previous::Other(b'1');
        self.offset += 1 + length;
        self.significant = self.output.len();
        self.end = self.offset;
    }

    fn word(&mut self) -> Result<(), StatementError> {
        let is_tsql = self.flavor == Flavor::SqlServer;
        let is_part = if is_tsql { is_tsql_part } else { is_name_part };
        let length = self.bytes[self.offset..].iter().take_while(|byte| is_part(**byte)).count();
        let escapes = !is_tsql && length == 1 && matches!(self.bytes[self.offset], b'e' | b'E');
        let range = self.offset..self.offset + length;
        self.names.push(range.clone());
        self.words.push(Word { range, depth: self.depth, previous: self.previous });
        self.copy_significant_to(self.offset + length);
        self.previous = Previous::Word(self.words.len() - 1);
        if escapes && self.peek(0) == Some(b'\'') {
            return self.string(true);
        }
        Ok(())
    }

    fn other(&mut self, byte: u8) {
        match byte {
            b'[' => self.brackets += 1,
            b']' => self.brackets = self.brackets.saturating_sub(1),
            b'(' => self.depth += 1,
            b')' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        // Digits and letters after them are one token, so that `1e'..'` is not taken for an E'..' string. In T-SQL a
        // number ends before letters: `1.exec` are two tokens.
        let length = if self.flavor == Flavor::SqlServer && byte.is_ascii_digit() {
            number_length(&self.bytes[self.offset..])
        } else if byte.is_ascii_digit() {
            self.bytes[self.offset..].iter().take_while(|byte| is_name_part(**byte)).count()
        } else {
            1
        };
        self.copy_significant_to(self.offset + length);
        if byte.is_ascii_digit() {
            // The point at the end of a number is none before a name.
            self.previous = Previous::Other(b'0');
        }
    }
}

const CALL_REMEDY: &str = "write {{name}}, or {{name(argument => text, ..)}} with names in lower case";

/// The bytes of a number in T-SQL.
fn number_length(bytes: &[u8]) -> usize {
    let count = |from: usize, is: fn(&u8) -> bool| bytes[from..].iter().take_while(|byte| is(byte)).count();
    if matches!(bytes, [b'0', b'x' | b'X', ..]) {
        return 2 + count(2, u8::is_ascii_hexdigit);
    }
    let end = count(0, |byte| byte.is_ascii_digit() || *byte == b'.');
    let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
    match (bytes.get(end), bytes.get(end + 1 + sign)) {
        (Some(b'e' | b'E'), Some(digit)) if digit.is_ascii_digit() => {
            end + 1 + sign + count(end + 1 + sign, u8::is_ascii_digit)
        }
        _ => end,
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_name_part(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_tsql_part(byte: u8) -> bool {
    is_name_part(byte) || matches!(byte, b'@' | b'#')
}

fn is_param_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}
