//! `opsdash packs sql`: a view's statements as psql and mongosh run them.

use std::{collections::BTreeMap, sync::Arc};

use opsdash_core::text;
use opsdash_pack::{
    dialect::{Flavor, Sql},
    document::suggest,
    pack::{Action, EnrichBy, Pack, Scope, Statement, View},
};

use crate::{
    cli::{
        args::packs::SqlArgs,
        choices::find_view,
        error::CliError,
        output::CommandOutput,
        setup::{Setup, wrong},
        targets::TargetSelection,
    },
    packs,
    settings::Environment,
};

/// Carries the command out.
///
/// # Errors
/// When there is no such pack, view or statement.
pub fn run(
    args: &SqlArgs,
    environment: &Environment,
    wanted: &TargetSelection,
    setup: impl FnOnce() -> Result<Setup, CliError>,
) -> Result<CommandOutput, CliError> {
    let pack = pack_of(args, environment, wanted, setup)?;
    let view = pack.view(find_view(&pack, &args.view)?);
    let whose = pack.scope.as_ref().filter(|_| view.scoped);
    let all = statements(view, whose);
    let Some(name) = &args.statement else { return Ok(CommandOutput::done(all[0].runnable())) };
    let found = all.iter().find(|statement| statement.is_called(name)).ok_or_else(|| {
        let what = format!("{} has no statement \"{}\"", view.id, text::inert(name));
        CliError::usage(what, suggest(name, all[1..].iter().map(|statement| statement.name.as_str())))
    })?;
    Ok(CommandOutput::done(found.runnable()))
}

/// The pack that is meant: one of a folder, of a system, of the target, or the only one with such a view.
fn pack_of(
    args: &SqlArgs,
    environment: &Environment,
    wanted: &TargetSelection,
    setup: impl FnOnce() -> Result<Setup, CliError>,
) -> Result<Arc<Pack>, CliError> {
    let right = |pack: Result<Pack, _>| pack.map(Arc::new).map_err(|problems| wrong(&problems));
    if let Some(dir) = &args.dir {
        return right(packs::load_dir(dir, environment));
    }
    if let Some(system) = &args.system {
        return right(packs::load(system, environment));
    }
    let setup = setup()?;
    if !setup.loaded.config.targets.is_empty() {
        let targets = wanted.of(setup.config()?)?;
        return setup.pack(targets[0]).map_err(|problems| wrong(&problems));
    }
    let known = packs::list(environment).map_err(|problems| wrong(&problems))?;
    let loaded = known.iter().filter_map(|listed| packs::load(&listed.system, environment).ok());
    let mut found: Vec<Pack> = loaded.filter(|pack| pack.find(&args.view).is_some()).collect();
    let systems: Vec<&str> = found.iter().map(|pack| pack.system.as_str()).collect();
    match systems.as_slice() {
        [_] => Ok(Arc::new(found.remove(0))),
        [] => Err(CliError::usage(
            format!("no pack has a view \"{}\"", text::inert(&args.view)),
            "see opsdash packs list",
        )),
        _ => Err(CliError::usage("of which system?", format!("give --system: {}", systems.join(", ")))),
    }
}

/// A statement of a view, and the values of its parameters where they have a default.
struct ViewStatement {
    /// The words of its file after the view's id; of a statement that is made, the action's id and what it is for.
    name: String,
    statement: Arc<Statement>,
    values: BTreeMap<String, String>,
    /// What policies read, where the view is asked within a scope.
    setting: Option<String>,
}

/// The view's own query, then all others, each once.
fn statements(view: &View, whose: Option<&Scope>) -> Vec<ViewStatement> {
    let mut values = view.thresholds.clone();
    values.extend(view.facets.iter().map(|facet| (facet.name.clone(), facet.choices[0].clone())));
    let charts = view.detail.iter().flat_map(|detail| &detail.charts);
    let window =
        charts.clone().find_map(|chart| chart.windows.first()).map(|window| ("window".to_owned(), window.clone()));
    values.extend(window);
    let enrich = view.enrich.iter().filter_map(|enrich| match &enrich.by {
        EnrichBy::Query(query) => Some(query),
        EnrichBy::View { .. } => None,
    });
    let detail =
        view.detail.iter().flat_map(|detail| detail.query.iter().chain(detail.lists.iter().map(|list| &list.query)));
    let charts = charts.map(|chart| &chart.query);
    let named = std::iter::once(&view.query).chain(enrich).chain(detail).chain(charts);
    let named = named.map(|statement| (name_of_file(view, statement), statement));
    let mut all: Vec<ViewStatement> = Vec::new();
    for (name, statement) in named.chain(view.actions.iter().flat_map(|action| of_action(view, action))) {
        if all.iter().all(|known| known.name != name) {
            let setting = whose.map(|scope| scope.setting.clone());
            all.push(ViewStatement { name, statement: statement.clone(), values: values.clone(), setting });
        }
    }
    all
}

/// The words of a statement's file after the view's id.
fn name_of_file(view: &View, statement: &Statement) -> String {
    let file = statement.file().rsplit('/').next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    stem.strip_prefix(&view.id).and_then(|rest| rest.strip_prefix('.')).unwrap_or(stem).to_owned()
}

/// The statements of an action. Those that are made of what it declares have no file, and are called by its id.
fn of_action<'a>(view: &'a View, action: &'a Action) -> impl Iterator<Item = (String, &'a Arc<Statement>)> {
    let id = &action.id;
    let parts = [(format!("{id}.preview"), &action.preview), (id.clone(), &action.sql)].into_iter();
    let undo = action.undo.iter().map(move |undo| (format!("{id}.undo"), undo));
    parts.chain(undo).map(move |(made, statement)| {
        let name = if statement.is_made() { made } else { name_of_file(view, statement) };
        (name, statement)
    })
}

impl ViewStatement {
    /// Whether it is meant by that name, or by that of its file.
    fn is_called(&self, name: &str) -> bool {
        let file = Some(self.statement.file()).filter(|_| !self.statement.is_made());
        self.name == name || file.and_then(|file| file.rsplit('/').next()) == Some(name)
    }

    fn runnable(&self) -> String {
        match &*self.statement {
            Statement::Sql(sql) => self.for_psql(sql),
            Statement::Mongo(query) => query.for_mongosh(&self.values),
        }
    }

    /// The statement after a variable for each parameter, as any client of SQL Server runs it.
    fn for_sqlcmd(&self, sql: &Sql) -> String {
        let declared = |(at, name): (usize, &str)| {
            let value = self.values.get(name).map_or_else(|| "NULL".to_owned(), |value| value.replace('\'', "''"));
            let value = if self.values.contains_key(name) { format!("N'{value}'") } else { value };
            format!("DECLARE @P{} nvarchar(max) = {value}; -- :{name}\n", at + 1)
        };
        let lines: String = sql.params.iter().map(|param| param.name.as_str()).enumerate().map(declared).collect();
        let blank = if lines.is_empty() { "" } else { "\n" };
        format!("{lines}{blank}{}", sql.for_psql())
    }

    /// The statement after a line for each parameter. Without a default it is NULL: no row, no key, nothing searched.
    fn for_psql(&self, sql: &Sql) -> String {
        if sql.flavor == Flavor::SqlServer {
            return self.for_sqlcmd(sql);
        }
        let value = |name: &str| self.values.get(name).map_or_else(|| "NULL".to_owned(), |value| literal(value));
        let line = |name: &str| format!("\\set {name} {}\n", quoted(&value(name)));
        let lines: String = sql.params.iter().map(|param| line(&param.name)).collect();
        // As it stands it asks for all; under policies nothing is seen before somebody is chosen.
        let lines = self.setting.as_ref().map_or(lines.clone(), |setting| {
            format!(
                "-- For one alone: \\set scope with its id in quotes, and for policies\n\
                 -- SELECT set_config('{setting}', :scope, false);\n{lines}"
            )
        });
        let blank = if lines.is_empty() { "" } else { "\n" };
        format!("{lines}{blank}{}", sql.for_psql())
    }
}

/// A text as an SQL literal. The `E` form does not depend on `standard_conforming_strings`.
fn literal(text: &str) -> String {
    let quotes = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", quotes.replace('\\', "\\\\")) } else { format!("'{quotes}'") }
}

/// A value as psql's `\set` takes it.
fn quoted(value: &str) -> String {
    if value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_reaches_sql_through_psqls_quotes() {
        assert_eq!(quoted(&literal("7 days")), r"'\'7 days\''");
        assert_eq!(quoted(&literal("it's")), r"'\'it\'\'s\''");
        assert_eq!(quoted(&literal(r"a\b")), r"'E\'a\\\\b\''");
        assert_eq!(quoted("NULL"), "NULL");
    }
}
