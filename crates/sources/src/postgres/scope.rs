//! What a scope can be, and whether the server holds to it.

use std::sync::{Arc, LazyLock};

use opsdash_core::{
    contract::{Address, Bind, Failure, FailureKind, Part, Question, Read, ResultShape, Table, Ticket},
    scope::{Enforcement, ScopeList},
    value::Value,
};
use opsdash_pack::{
    dialect::{Param, Sql},
    pack::{Scope, Statement, ViewId},
};

use super::Postgres;
use crate::{engine::Engine, limits};

/// Asks the catalogs alone.
static ENFORCEMENT: LazyLock<Arc<Statement>> = LazyLock::new(|| {
    let text = include_str!("scope.sql").replace(":setting", "$1::text");
    let params = vec![Param { name: "setting".into(), is_list: false }];
    Arc::new(Statement::Sql(Sql { file: "scope.sql".into(), text, params, ..Sql::default() }))
});

impl Postgres {
    /// Lists what can be chosen, without a scope: a list that policies cut short is an error.
    pub(super) async fn list_scopes(
        &self,
        scope: &Scope,
        ticket: Ticket,
        statement_ms: u32,
    ) -> Result<ScopeList, Failure> {
        let limit = limits::SCOPES;
        let table = self.ask_for_scopes(scope, &scope.query, Bind::default(), limit, ticket, statement_ms).await;
        let table = table.map_err(|failure| match failure.kind {
            FailureKind::Privilege | FailureKind::Other => of_list(scope, &failure),
            _ => failure,
        })?;
        let bind = Bind { values: [("setting".to_owned(), scope.setting.clone())].into(), ..Bind::default() };
        let found = self.ask_for_scopes(scope, &ENFORCEMENT, bind, 1, ticket, statement_ms).await?;
        ScopeList::of(scope, &table, enforcement(&found))
    }

    async fn ask_for_scopes(
        &self,
        scope: &Scope,
        statement: &Arc<Statement>,
        bind: Bind,
        limit: u32,
        ticket: Ticket,
        statement_ms: u32,
    ) -> Result<Table, Failure> {
        let question = Question::Statement { statement: statement.clone(), bind, shape: ResultShape::Rows { limit } };
        // It is no view's question; nobody reads the address.
        let to = Address { view: ViewId(0), part: Part::List };
        self.read(&Read::new(to, ticket, scope.source, question, statement_ms)).await?.into_table()
    }
}

/// Says which list it is that failed, and what would let it be read where policies stand in its way.
fn of_list(scope: &Scope, failure: &Failure) -> Failure {
    let message = format!("the list of what can be chosen, {}: {}", scope.query.file(), failure.message);
    let remedy = if failure.message.contains("row-level security") {
        "no policy may bind the login on the table that lists them; else list them by a view or a function whose owner \
         policies do not bind"
    } else {
        failure.hint()
    };
    Failure { object: failure.object.clone(), ..Failure::new(failure.kind, &message).remedied(remedy) }
}

fn enforcement(table: &Table) -> Enforcement {
    let cell = |name: &str| {
        let at = table.columns.iter().position(|column| column == name)?;
        table.rows.first()?.cells.get(at)
    };
    let count = |name| match cell(name) {
        Some(Value::Int(n)) => u64::try_from(*n).unwrap_or_default(),
        _ => 0,
    };
    let text = |name| cell(name).and_then(Value::as_text).unwrap_or_default();
    Enforcement {
        bound: count("bound"),
        open: count("open"),
        because: text("because").to_owned(),
        settings: text("settings").split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        is_read: cell("is_read") == Some(&Value::Bool(true)),
        trapped: count("trapped"),
    }
}
