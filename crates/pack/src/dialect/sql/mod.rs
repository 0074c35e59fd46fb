//! A `.sql` file of a pack: one statement with `:name` parameters, in the SQL of its engine, which may call fragments.

mod fragments;
mod scanner;
mod tsql;

pub(crate) use fragments::{Expanded, SqlFile, expand};

use self::scanner::Scanner;
use super::{AFTER, BEFORE, SEEN, StatementError};
use crate::document::SourceLocation;

/// The SQL of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flavor {
    /// That of PostgreSQL.
    #[default]
    PostgreSql,
    /// T-SQL, of SQL Server.
    SqlServer,
}

impl Flavor {
    /// What stands before the number of a parameter.
    fn mark(self) -> &'static str {
        match self {
            Self::PostgreSql => "$",
            Self::SqlServer => "@P",
        }
    }
}

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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sql {
    /// The file of the statement, for messages: `packs/<system>/<file>`.
    pub file: String,
    /// The statement with `$1`, `$2` .. or `@P1`, `@P2` .. for the parameters and without the closing semicolon, fragments
    /// written out.
    pub text: String,
    /// The parameters in the order of their numbers, the first first; every name once.
    pub params: Vec<Param>,
    /// Where the parts of the text come from, in their order. Empty when all of it is the file's.
    pub origins: Vec<Origin>,
    /// The language that it is in.
    pub flavor: Flavor,
    /// Of a statement of a declared write whose own text cannot tell: what else is known. `None` of any other.
    pub guard: Option<WriteGuard>,
}

/// What is known of a declared write beside its text, where its text can neither be planned nor returns anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteGuard {
    /// A query of one row whose column `refused` names what the login may not do, or is NULL.
    pub permission: String,
    /// The columns that the write is told with.
    pub returns: Vec<String>,
}

/// Where a part of a statement's text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Byte offset in [`Sql::text`] where the part begins; it goes on to where the next one begins.
    pub start: usize,
    /// The file and line that it begins with.
    pub location: SourceLocation,
}

impl Sql {
    /// Reads the text of a query's file, which calls no fragment. Returns the statement, and for each parameter the byte
    /// offset of its first use.
    #[cfg(test)]
    pub(crate) fn parse(file: &str, text: &str) -> Result<(Self, Vec<usize>), StatementError> {
        Self::read(&Expanded::of(Flavor::PostgreSql, SqlFile { name: file, text, start: 0 }))
    }

    /// Reads a query. Returns the statement, and for each parameter the offset of its first use.
    pub(crate) fn read(expanded: &Expanded) -> Result<(Self, Vec<usize>), StatementError> {
        Self::checked(expanded, false)
    }

    /// Reads an action's statement, which may write; else like [`Sql::read`]. Parameters with one of the prefixes
    /// [`SEEN`], [`BEFORE`] and [`AFTER`] are lists, with a value for each row.
    pub(crate) fn read_write(expanded: &Expanded) -> Result<(Self, Vec<usize>), StatementError> {
        let (mut sql, offsets) = Self::checked(expanded, true)?;
        for param in &mut sql.params {
            param.is_list |= [SEEN, BEFORE, AFTER].iter().any(|prefix| param.name.starts_with(prefix));
        }
        Ok((sql, offsets))
    }

    fn checked(expanded: &Expanded, writes: bool) -> Result<(Self, Vec<usize>), StatementError> {
        let starts: Vec<usize> = expanded.parts.iter().map(|part| part.start).collect();
        let mut scanner = Scanner::new(expanded.flavor, &expanded.text).placing(&starts).with_variables(writes);
        let read = scanner.run().and_then(|()| match expanded.flavor {
            Flavor::PostgreSql if writes => scanner.check_write(),
            Flavor::PostgreSql => scanner.check_read(),
            Flavor::SqlServer if writes => Ok(()),
            Flavor::SqlServer => tsql::check_read(&scanner),
        });
        read.map_err(|error| expanded.told(error))?;
        let offsets = scanner.param_offsets.iter().map(|offset| expanded.offset_of(*offset)).collect();
        let parts = expanded.parts.iter().zip(&scanner.places);
        let origins = parts.map(|(part, start)| Origin { start: *start, location: part.location.clone() }).collect();
        let params = std::mem::take(&mut scanner.params);
        let flavor = expanded.flavor;
        Ok((
            Self { file: expanded.file.clone(), text: scanner.finish(), params, origins, flavor, guard: None },
            offsets,
        ))
    }

    /// The file and line where a character of [`Sql::text`] stands, counted from 0: of a fragment, its own.
    #[must_use]
    pub fn location(&self, at: usize) -> SourceLocation {
        let offset = self.text.char_indices().nth(at).map_or(self.text.len(), |(offset, _)| offset);
        let part = self.origins.partition_point(|origin| origin.start <= offset).checked_sub(1);
        let Some(origin) = part.map(|part| &self.origins[part]) else { return SourceLocation::file(&self.file) };
        let passed = self.text.get(origin.start..offset).map_or(0, |text| text.matches('\n').count());
        let line = origin.location.line.map(|line| line + passed);
        SourceLocation { file: origin.location.file.clone(), line }
    }

    /// The statement with `:name` for its parameters and with a semicolon, as psql takes it. T-SQL keeps `@P1`, which
    /// whoever runs it declares.
    #[must_use]
    pub fn for_psql(&self) -> String {
        if self.flavor == Flavor::SqlServer {
            return self.text.clone() + ";\n";
        }
        let mut scanner = Scanner::new(self.flavor, &self.text).naming(&self.params);
        // The text was read before, so it can be read again.
        match scanner.run() {
            Ok(()) => scanner.finish() + ";\n",
            Err(_) => self.text.clone(),
        }
    }

    /// The text with other names. Parameters, strings, comments and the names of fragments stay as they are. `rename` returns the
    /// new name, or `None` to keep a name; a name without quotes is given to it in lower case, as PostgreSQL folds it.
    /// `None` when the text cannot be read as SQL.
    #[must_use]
    pub fn rename(text: &str, rename: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut scanner = Scanner::new(Flavor::PostgreSql, text);
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

#[cfg(test)]
mod tests;

#[cfg(test)]
mod tsql_tests;
