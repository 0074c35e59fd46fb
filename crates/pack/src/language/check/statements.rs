//! Files of queries.

use std::sync::Arc;

use super::{Name, Resolver};
use crate::{
    dialect::{MongoQuery, Param, Sql},
    document::{Problems, SourceLocation, suggest},
    pack::{Engine, Statement},
};

/// A statement, and where each of its parameters stands first.
pub(super) struct ParsedStatement {
    pub statement: Arc<Statement>,
    pub places: Vec<SourceLocation>,
}

impl ParsedStatement {
    pub(super) fn params(&self) -> impl Iterator<Item = (&Param, &SourceLocation)> {
        self.statement.params().iter().zip(&self.places)
    }

    pub(super) fn takes(&self, name: &str) -> bool {
        self.statement.params().iter().any(|param| param.name == name)
    }
}

/// The statement in the file of that name, in the engine's language.
pub(super) fn validate_statement(
    resolver: &Resolver,
    file: &Name,
    engine: Engine,
    problems: &mut Problems,
) -> Option<ParsedStatement> {
    let ending = if engine == Engine::MongoDb { "json" } else { "sql" };
    let name = file.get_ref();
    if name.rsplit_once('.').is_none_or(|(_, found)| found != ending) {
        let what = format!("\"{name}\" is not for {}", engine.word());
        problems.add(resolver.of(file), what, format!("name a .{ending} file, or another source"));
        return None;
    }
    let Some(text) = resolver.statements.get(name) else {
        let known = resolver.statements.keys().map(String::as_str).filter(|known| known.ends_with(ending));
        problems.add(resolver.of(file), format!("there is no file \"{name}\""), suggest(name, known));
        return None;
    };
    let parsed =
        if engine == Engine::MongoDb { parse_mongo(&text.name, &text.text) } else { parse_sql(&text.name, &text.text) };
    match parsed {
        Ok((statement, places)) => {
            let places = places.into_iter().map(|at| resolver.texts.place(text.start + at)).collect();
            Some(ParsedStatement { statement: Arc::new(statement), places })
        }
        Err(errors) => {
            for (at, what, remedy) in errors {
                problems.add(resolver.texts.place(text.start + at), what, remedy);
            }
            None
        }
    }
}

/// The statement of an action in the file of that name: a query, or with `writes` one that may write.
pub(super) fn validate_write(
    resolver: &Resolver,
    file: &Name,
    writes: bool,
    problems: &mut Problems,
) -> Option<ParsedStatement> {
    if !writes {
        return validate_statement(resolver, file, Engine::PostgreSql, problems);
    }
    let name = file.get_ref();
    let Some(text) = resolver.statements.get(name) else {
        let known = resolver
            .statements
            .keys()
            .map(String::as_str)
            .filter(|known| known.rsplit_once('.').is_some_and(|it| it.1 == "sql"));
        problems.add(resolver.of(file), format!("there is no file \"{name}\""), suggest(name, known));
        return None;
    };
    match Sql::parse_write(&text.name, &text.text) {
        Ok((sql, places)) => {
            let places = places.into_iter().map(|at| resolver.texts.place(text.start + at)).collect();
            Some(ParsedStatement { statement: Arc::new(Statement::Sql(sql)), places })
        }
        Err(error) => {
            problems.add(resolver.texts.place(text.start + error.at), error.what, error.remedy);
            None
        }
    }
}

type ParseOutcome = Result<(Statement, Vec<usize>), Vec<(usize, String, String)>>;

fn parse_sql(file: &str, text: &str) -> ParseOutcome {
    let (sql, places) =
        Sql::parse(file, text).map_err(|error| vec![(error.at, error.what, error.remedy.to_owned())])?;
    Ok((Statement::Sql(sql), places))
}

fn parse_mongo(file: &str, text: &str) -> ParseOutcome {
    let query = MongoQuery::parse(file, text)
        .map_err(|errors| errors.into_iter().map(|error| (error.at, error.what, error.remedy)).collect::<Vec<_>>())?;
    let places = query.params.iter().map(|param| text.find(&format!("\"{}\"", param.name)).unwrap_or(0)).collect();
    Ok((Statement::Mongo(query), places))
}
