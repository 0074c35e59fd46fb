//! A read in the form that is sent: its SQL and its parameters. Nothing here touches a connection.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use opsdash_core::contract::{Bind, Failure, FailureKind, Question, Read, ResultShape, Ticket};
use opsdash_pack::{dialect::Sql, pack::Statement};
use sqlx::AssertSqlSafe;

use super::{
    failure,
    opening::{Access, Opening, TimeLimits},
    operators,
    statement::{self, ReturnedColumn},
    zone::NaiveZone,
};
use crate::limits;

/// Everything that running a read needs. It borrows nothing, so that it can outlive the caller.
pub struct PreparedRead {
    pub ticket: Ticket,
    pub shape: ResultShape,
    /// The zone of timestamps without one.
    pub zone: Arc<NaiveZone>,
    statement: Arc<Statement>,
    sql: String,
    /// What is sent instead when some columns come as text; see [`OddStatements`].
    sql_with_texts: OnceLock<String>,
    /// What is sent instead when a row was too large.
    sql_bounded: OnceLock<String>,
    odd_statements: Arc<OddStatements>,
    params: Vec<Param>,
    opening: Opening,
    /// The condition that the scope is listed; `None` for a read without one.
    gate: Option<String>,
    /// How long the server may work on the statement.
    work: Duration,
}

/// The statements of a source that return columns of types that are decoded nowhere here, such as `money` or a range. Of
/// those the server is asked for the columns first, and then for such columns as text.
#[derive(Default)]
pub struct OddStatements(Mutex<HashSet<String>>);

impl OddStatements {
    fn texts(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

enum Param {
    One(Option<String>),
    List(Vec<String>),
}

impl PreparedRead {
    /// Wraps the read's statement and puts its parameters in order.
    ///
    /// # Errors
    /// A question that PostgreSQL cannot answer, or a scope with a NUL character.
    pub fn new(read: &Read, zone: Arc<NaiveZone>, odd_statements: Arc<OddStatements>) -> Result<Self, Failure> {
        let failed = |what: &str| Failure::new(FailureKind::Other, what);
        let Question::Statement { statement, bind, shape } = &read.question else {
            return Err(failed("a PostgreSQL source stores no files"));
        };
        let sql = match &**statement {
            Statement::Sql(sql) => sql,
            Statement::Mongo(query) => {
                return Err(failed(&format!("{} is no SQL, and the source is PostgreSQL", query.file)));
            }
        };
        let gate = statement::listed(&read.within)?;
        Ok(Self {
            ticket: read.ticket,
            shape: shape.clone(),
            statement: Arc::clone(statement),
            sql: statement::wrapped(&sql.text, shape, read.ticket, Some(most(shape)), gate.as_deref()),
            gate,
            sql_with_texts: OnceLock::new(),
            sql_bounded: OnceLock::new(),
            odd_statements,
            params: params(sql, bind),
            opening: Opening::of(&zone, &read.within)?,
            zone,
            work: Duration::from_millis(read.limits.statement_ms.into()),
        })
    }

    /// The start of the transaction and its settings, in one simple query. It returns one row: the backend's pid, the
    /// server's version and clock, and with `polls_operators` the other operators. `left` is how long the statement may
    /// take so that its answer arrives in time.
    ///
    /// All settings are local to the transaction, because a session's settings stay behind in a pooler. The end of the
    /// transaction rolls back to the savepoint, so that even a `set_config(.., false)` in the statement leaves nothing
    /// behind. Inside the savepoint the server also refuses to make the transaction writable.
    ///
    /// Measured on a view that groups 100 000 errors: 1.1 s with jit, 0.3 s without, and 0.2 s when the sort fits into
    /// memory.
    pub fn opening(&self, left: Duration, polls_operators: bool) -> String {
        let work = self.work.min(left).max(limits::MIN_STATEMENT_TIMEOUT);
        let times = TimeLimits { work, lock: work.min(limits::LOCK_TIMEOUT), idle: limits::IDLE_IN_READ };
        let opening = self.opening.sql(Access::Read, times);
        // The first rows are to come by an index that has their order. By its estimates alone the server may prefer to
        // read and sort all of them.
        let by_index =
            if matches!(self.shape, ResultShape::Uncounted { .. }) { "SET LOCAL enable_sort = off; " } else { "" };
        let operators = if polls_operators { format!(", {}", operators::names_sql()) } else { String::new() };
        let may_poll = operators::MAY_POLL;
        format!(
            "{opening}{by_index}SELECT pg_backend_pid()::text AS opsdash_pid, current_setting('server_version') AS opsdash_version, \
             (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text AS opsdash_now, \
             {may_poll}{operators}; SAVEPOINT opsdash"
        )
    }

    /// Where in the pack's statement the server found an error; see [`failure::place_in`].
    pub fn place_of(&self, error: &sqlx::Error) -> Option<usize> {
        match &*self.statement {
            Statement::Sql(sql) => failure::place_in(&sql.text, self.sql(), error),
            Statement::Mongo(_) => None,
        }
    }

    /// What is sent: with [`PreparedRead::send_texts`] the statement whose odd columns are texts, with
    /// [`PreparedRead::send_bounded`] the one whose cells the server cuts.
    pub fn sql(&self) -> &str {
        self.sql_bounded.get().or(self.sql_with_texts.get()).unwrap_or(&self.sql)
    }

    /// Whether the columns have to be known before the rows are asked for.
    pub fn must_be_described(&self) -> bool {
        self.sql_with_texts.get().is_none() && self.odd_statements.texts().contains(self.text())
    }

    /// Remembers that some column has a type that is not decoded here.
    pub fn is_odd(&self) {
        self.odd_statements.texts().insert(self.text().to_owned());
    }

    /// From now on, asks for some columns as text.
    pub fn send_texts(&self, columns: &[ReturnedColumn]) {
        let text = statement::in_forms(self.text(), columns);
        self.sql_with_texts.get_or_init(|| self.wrapped(&text, Some(most(&self.shape))));
    }

    /// From now on, asks for the columns in forms that are bounded.
    pub fn send_bounded(&self, columns: &[ReturnedColumn]) {
        let text = statement::in_forms(self.text(), columns);
        self.sql_bounded.get_or_init(|| self.wrapped(&text, None));
    }

    fn wrapped(&self, text: &str, most: Option<usize>) -> String {
        statement::wrapped(text, &self.shape, self.ticket, most, self.gate.as_deref())
    }

    /// What it means that no row came at all: the scope is not listed any more. `None` for a read without one.
    pub fn not_listed(&self) -> Option<Failure> {
        let gone = || Failure::new(FailureKind::NoScope, "what was chosen is no longer listed");
        self.gate.is_some().then(gone)
    }

    fn text(&self) -> &str {
        match &*self.statement {
            Statement::Sql(sql) => &sql.text,
            Statement::Mongo(_) => "",
        }
    }

    /// The statement with its parameters bound.
    pub fn query(&self) -> Query<'_> {
        self.bound(self.sql())
    }

    /// What asks for the columns of the statement as they are, with its parameters bound.
    pub fn query_for_columns(&self) -> Query<'_> {
        self.bound(&statement::of_its_columns(&self.sql))
    }

    /// Unnamed: behind a pooler a name stays on a connection that is somebody else's next.
    fn bound(&self, sql: &str) -> Query<'_> {
        let query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
        self.params.iter().fold(query, |query, param| match param {
            Param::One(value) => query.bind(value.as_deref()),
            Param::List(values) => query.bind(values.as_slice()),
        })
    }
}

/// The most bytes of a row that is sent as it is.
fn most(shape: &ResultShape) -> usize {
    match shape {
        ResultShape::List { .. } | ResultShape::Uncounted { .. } => limits::LIST_ROW_BYTES,
        ResultShape::Rows { .. } => limits::DETAIL_ROW_BYTES,
    }
}

/// The values of the parameters, in the order of `$1`, `$2`.
fn params(sql: &Sql, bind: &Bind) -> Vec<Param> {
    let value = |param: &opsdash_pack::dialect::Param| {
        if param.is_list {
            Param::List(bind.keys.iter().map(|key| key.as_str().to_owned()).collect())
        } else {
            Param::One(bind.values.get(&param.name).cloned())
        }
    };
    sql.params.iter().map(value).collect()
}
