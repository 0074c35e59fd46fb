//! What a live check counts, and what it finds wrong.

use std::fmt;

use opsdash_core::contract::{Failure, FailureKind};
use opsdash_pack::{
    document::{Problem, SourceLocation, suggest},
    pack::{Engine, Statement, View},
};

/// What was asked, so that "ok" says how much it covers.
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// Questions: a statement under one set of choices.
    pub asked: usize,
    /// Statements that write, planned without being run.
    pub planned: usize,
    /// The views that had a row to try, and all of them; `None` until it is known.
    pub rows: Option<(usize, usize)>,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        write!(f, "{} question{}", self.asked, plural(self.asked))?;
        if self.planned > 0 {
            write!(f, ", {} write{} planned", self.planned, plural(self.planned))?;
        }
        match self.rows {
            Some((with_row, all)) => write!(f, ", a row tried in {with_row} of {all} view{}", plural(all)),
            None => Ok(()),
        }
    }
}

/// What came of asking.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub counted: Counted,
    pub problems: Vec<Problem>,
    /// Whether a source did not answer: then not everything was asked.
    pub silent: bool,
}

impl Findings {
    /// Adds what was found elsewhere.
    pub fn take(&mut self, other: Self) {
        self.counted.asked += other.counted.asked;
        self.counted.planned += other.counted.planned;
        self.problems.extend(other.problems);
        self.silent |= other.silent;
    }

    /// A source that does not answer.
    pub fn source_failed(&mut self, source: &str, failure: &Failure) {
        let remedy = match failure.kind {
            FailureKind::Other => "correct this source in the config",
            _ => failure.hint(),
        };
        let place = SourceLocation::file(format!("source {source}"));
        self.problems.push(Problem { place, what: failure.to_string(), remedy: remedy.to_owned() });
        self.silent = true;
    }

    /// What can be chosen of a scope cannot be listed: none of its views can be asked.
    pub fn scope_failed(&mut self, place: SourceLocation, failure: &Failure) {
        self.problems.push(Problem { place, what: failure.to_string(), remedy: failure.hint().to_owned() });
        self.silent |= failure.kind.is_of_source();
    }

    /// A statement that the server refused, at the line that the server tells.
    pub fn refused(&mut self, view: &View, statement: &Statement, engine: Engine, failure: &Failure) {
        let place = match (statement, failure.at) {
            (Statement::Sql(sql), Some(at)) => sql.location(at),
            _ => SourceLocation::file(statement.file()),
        };
        self.refused_at(place, view, engine, failure);
    }

    /// The same of something that is no statement.
    pub fn refused_at(&mut self, place: SourceLocation, view: &View, engine: Engine, failure: &Failure) {
        let object = failure.object.as_ref().filter(|object| !failure.message.contains(object.as_str()));
        let object = object.map(|object| format!(" ({object})")).unwrap_or_default();
        let remedy = match (failure.kind, engine) {
            (FailureKind::Schema, _) => {
                "correct the query, or the columns in the view's TOML, to what the database has"
            }
            (FailureKind::Timeout, _) => "make the query cheaper, or raise the source's timeout in the config",
            (FailureKind::Other, Engine::PostgreSql) => {
                "correct the query; opsdash packs sql prints it as psql runs it"
            }
            (FailureKind::Other, _) => "correct the query",
            _ => failure.hint(),
        };
        let what = format!("view {}: {failure}{object}", view.id);
        self.problems.push(Problem { place, what, remedy: remedy.to_owned() });
    }

    /// Something that the TOML says of a statement and that the statement does not keep.
    pub fn broken(&mut self, view: &View, statement: &Statement, what: &str, remedy: impl Into<String>) {
        let place = SourceLocation::file(statement.file());
        self.problems.push(Problem { place, what: format!("view {}: {what}", view.id), remedy: remedy.into() });
    }

    /// Every name that a statement should return and does not. `who` wants it.
    pub fn missing<'n>(
        &mut self,
        view: &View,
        statement: &Statement,
        wanted: impl IntoIterator<Item = (&'n str, String)>,
        returned: &[String],
    ) {
        for (name, who) in wanted {
            if returned.iter().any(|known| known == name) {
                continue;
            }
            let known = if returned.is_empty() { "nothing".to_owned() } else { returned.join(", ") };
            let what = format!("it returns no column \"{name}\", which {who}, only {known}");
            let remedy = format!(
                "return it, or correct the name in the view's TOML; {}",
                suggest(name, returned.iter().map(String::as_str))
            );
            self.broken(view, statement, &what, remedy);
        }
    }
}
