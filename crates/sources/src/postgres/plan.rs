//! Plans a statement of an action without running it: whether it is right, whether the login may, what it returns.

use std::time::Duration;

use opsdash_core::{
    action::{BoundStatement, Outcome},
    contract::{Failure, FailureKind, Within},
};
use sqlx::{AssertSqlSafe, Column, Executor, Postgres as Driver, SqlSafeStr, Statement, Type, postgres::PgTypeInfo};

use super::{
    Postgres, failure,
    opening::Access,
    write::{WriteConnection, bind_params, explain_sql, text_of},
};

/// Takes back what the driver has prepared in this transaction. It gives names, each connection the same ones, and behind a
/// pooler they stay on a server connection that is somebody else's next. A pooler that keeps statements itself has other
/// names for them.
const FORGET: &str = "DO $$ DECLARE prepared text; BEGIN \
     FOR prepared IN SELECT name FROM pg_catalog.pg_prepared_statements \
       WHERE name LIKE 'sqlx\\_s\\_%' AND prepare_time >= pg_catalog.transaction_timestamp() \
     LOOP EXECUTE pg_catalog.format('DEALLOCATE %I', prepared); END LOOP; END $$";

impl Postgres {
    /// See [`crate::Source::plan`].
    pub(super) async fn plan_write(
        &self,
        write: &BoundStatement,
        within: &Within,
        work: Duration,
    ) -> Result<Vec<String>, Failure> {
        let connected = self.connect_to_primary(within, work).await.map_err(|outcome| match outcome {
            Outcome::Failed(failure) => failure,
            other => Failure::new(FailureKind::Other, &other.said()),
        });
        let mut connection = connected?;
        let planned = connection.plan(write).await;
        connection.close().await;
        planned
    }
}

impl WriteConnection<'_> {
    async fn plan(&mut self, write: &BoundStatement) -> Result<Vec<String>, Failure> {
        let (opening, text) = (self.opening(Access::Read), text_of(write)?);
        let explain = explain_sql(text);
        let types: Vec<PgTypeInfo> = write.statement.params().iter().map(|param| type_of(param.is_list)).collect();
        // Errors come with the text that was sent: only then is their place known.
        let planned = self
            .in_time(async |connection| {
                sqlx::raw_sql(AssertSqlSafe(opening)).execute(&mut *connection).await?;
                let described = connection.prepare_with(AssertSqlSafe(text).into_sql_str(), &types).await;
                let columns = match described {
                    Ok(described) => described.columns().iter().map(|column| column.name().to_owned()).collect(),
                    Err(error) => return Ok(Err((error, text))),
                };
                sqlx::raw_sql(FORGET).execute(&mut *connection).await?;
                Ok(match bind_params(&explain, write).execute(&mut *connection).await {
                    Ok(_) => Ok(columns),
                    Err(error) => Err((error, explain.as_str())),
                })
            })
            .await;
        self.roll_back().await;
        planned?.map_err(|(error, sent)| self.failure(&error).at(failure::place_in(text, sent, &error)))
    }
}

/// The type that a parameter is bound with.
fn type_of(is_list: bool) -> PgTypeInfo {
    if is_list { <Vec<Option<String>> as Type<Driver>>::type_info() } else { <String as Type<Driver>>::type_info() }
}
