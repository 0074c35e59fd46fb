//! The files of statements: each one is there, is for the engine of its source, and can be read.

use std::sync::Arc;

use super::{Name, Resolver};
use crate::{
    dialect::{Expanded, Flavor, MongoQuery, Param, Sql, SqlFile, StatementError, expand},
    document::{Problems, SourceLocation, suggest},
    language::layer::StatementText,
    pack::{Engine, Statement},
};

/// A statement, and where each of its parameters is used first.
pub(super) struct ParsedStatement {
    pub statement: Arc<Statement>,
    /// One for each parameter, in the same order.
    locations: Vec<SourceLocation>,
}

impl ParsedStatement {
    /// The parameters, each with its first use.
    pub(super) fn params(&self) -> impl Iterator<Item = (&Param, &SourceLocation)> {
        self.statement.params().iter().zip(&self.locations)
    }

    /// Whether the statement has a parameter of that name.
    pub(super) fn takes(&self, name: &str) -> bool {
        self.statement.params().iter().any(|param| param.name == name)
    }

    /// Whether the statement has a parameter with that prefix.
    pub(super) fn takes_any(&self, prefix: &str) -> bool {
        self.statement.params().iter().any(|param| param.name.starts_with(prefix))
    }
}

/// The query in the file of that name, in the engine's language. `None` after a problem.
pub(super) fn validate_statement(
    resolver: &Resolver,
    file: &Name,
    engine: Engine,
    problems: &mut Problems,
) -> Option<ParsedStatement> {
    let ending = if engine == Engine::MongoDb { "json" } else { "sql" };
    let name = file.get_ref();
    if !has_ending(name, ending) {
        let what = format!("\"{name}\" is not for {}", engine.word());
        problems.add(resolver.location_of(file), what, format!("name a .{ending} file, or another source"));
        return None;
    }
    let text = find_text(resolver, file, ending, problems)?;
    let result = match engine.flavor() {
        Some(flavor) => parse_sql(resolver, flavor, text, Sql::read),
        None => parse_mongo(text),
    };
    parsed(resolver, result, problems)
}

/// The statement in the file of that name, which may write. `None` after a problem.
pub(super) fn validate_write(resolver: &Resolver, file: &Name, problems: &mut Problems) -> Option<ParsedStatement> {
    let text = find_text(resolver, file, "sql", problems)?;
    parsed(resolver, parse_sql(resolver, Flavor::PostgreSql, text, Sql::read_write), problems)
}

/// A query that is made of what is declared at this location.
pub(super) fn made_query(
    flavor: Flavor,
    location: &SourceLocation,
    text: &str,
    problems: &mut Problems,
) -> Option<Arc<Statement>> {
    made(flavor, location, text, Sql::read, problems)
}

/// A statement that is made of what is declared at this location, and writes.
pub(super) fn made_write(
    flavor: Flavor,
    location: &SourceLocation,
    text: &str,
    problems: &mut Problems,
) -> Option<Arc<Statement>> {
    made(flavor, location, text, Sql::read_write, problems)
}

fn made(
    flavor: Flavor,
    location: &SourceLocation,
    text: &str,
    read: Reader,
    problems: &mut Problems,
) -> Option<Arc<Statement>> {
    match read(&Expanded::of(flavor, SqlFile { name: &location.file, text, start: 0 })) {
        // It has no lines in the file that declares it.
        Ok((sql, _)) => Some(Arc::new(Statement::Sql(Sql { origins: Vec::new(), ..sql }))),
        Err(error) => {
            problems.add(location.clone(), error.what, error.remedy);
            None
        }
    }
}

fn has_ending(file: &str, ending: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, found)| found == ending)
}

fn find_text<'r>(
    resolver: &'r Resolver,
    file: &Name,
    ending: &str,
    problems: &mut Problems,
) -> Option<&'r StatementText> {
    let name = file.get_ref();
    let found = resolver.statements.get(name);
    if found.is_none() {
        let known = resolver.statements.keys().map(String::as_str).filter(|known| has_ending(known, ending));
        problems.add(resolver.location_of(file), format!("there is no file \"{name}\""), suggest(name, known));
    }
    found
}

/// A statement and the offset of each parameter's first use, or everything that is wrong with it. Offsets count through
/// all texts of the pack.
type ParseResult = Result<(Statement, Vec<usize>), Vec<StatementError>>;

/// Reads a statement whose fragments are written out.
type Reader = fn(&Expanded) -> Result<(Sql, Vec<usize>), StatementError>;

fn parsed(resolver: &Resolver, result: ParseResult, problems: &mut Problems) -> Option<ParsedStatement> {
    match result {
        Ok((statement, offsets)) => {
            let locations = offsets.into_iter().map(|offset| resolver.texts.location(offset)).collect();
            Some(ParsedStatement { statement: Arc::new(statement), locations })
        }
        Err(errors) => {
            for error in errors {
                problems.add(resolver.texts.location(error.offset), error.what, error.remedy);
            }
            None
        }
    }
}

fn parse_sql(resolver: &Resolver, flavor: Flavor, text: &StatementText, read: Reader) -> ParseResult {
    let fragments = resolver.fragments.iter().map(|(name, text)| (name.clone(), text.as_sql())).collect();
    let read = expand(flavor, text.as_sql(), &fragments).and_then(|expanded| read(&expanded));
    let (sql, offsets) = read.map_err(|error| vec![error])?;
    Ok((Statement::Sql(sql), offsets))
}

fn parse_mongo(text: &StatementText) -> ParseResult {
    let counted = |error: StatementError| StatementError { offset: text.start + error.offset, ..error };
    let query = MongoQuery::parse(&text.name, &text.text)
        .map_err(|errors| errors.into_iter().map(counted).collect::<Vec<_>>())?;
    let first = |name: &str| text.start + text.text.find(&format!("\"{name}\"")).unwrap_or(0);
    let offsets = query.params.iter().map(|param| first(&param.name)).collect();
    Ok((Statement::Mongo(query), offsets))
}
