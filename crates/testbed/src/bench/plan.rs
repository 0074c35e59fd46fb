//! How long the server works on a statement, and what it reads whole for it.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::database::{LARGE, run};
use super::statements::Asked;
use super::table::median;

/// What `EXPLAIN (ANALYZE)` tells of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// Planning and execution on the server, in ms: the median of several runs.
    pub(super) ms: f64,
    /// The same of the fastest run.
    pub(super) best_ms: f64,
    /// Large tables that it reads whole, or an index of them whole.
    pub(super) reads_whole: BTreeSet<String>,
}

impl Plan {
    /// What to say beside the time: the best run, where a busy machine has made others much slower, and what is read whole.
    pub(super) fn note(&self) -> String {
        let best = (self.best_ms * BUSY < self.ms).then(|| format!("best {:.1} ms", self.best_ms));
        best.into_iter().chain(self.reads_whole.iter().cloned()).collect::<Vec<_>>().join(", ")
    }
}

/// A median so many times the best says more about the machine than about the statement.
const BUSY: f64 = 1.3;

/// Runs that are too slow to be repeated often are repeated less.
const SLOW_MS: f64 = 1_000.0;
const RUNS: usize = 9;
const SLOW_RUNS: usize = 3;

/// Explains what the program has sent, in the transaction that it sent it in. Prepared and executed, for the server then
/// plans as for the program: with values that it knows.
pub(super) async fn of_asked(connection: &mut PgConnection, asked: &Asked) -> Result<Plan> {
    let Asked { opening, text, values, types, name } = asked;
    let arguments = |list: &str| if list.is_empty() { String::new() } else { format!("({list})") };
    let prepare = format!("SET plan_cache_mode = force_custom_plan; PREPARE bench {} AS {text}\n", arguments(types));
    let execute = format!("EXECUTE bench {}", arguments(values));
    run(connection, &prepare).await?;
    // On its own: what begins a transaction says how it is to be read before any statement.
    run(connection, opening).await?;
    let plan = of_query(connection, &execute).await.with_context(|| name.clone());
    run(connection, "ROLLBACK; DEALLOCATE bench; RESET plan_cache_mode").await?;
    plan
}

/// Explains a query as it stands.
pub(super) async fn of_query(connection: &mut PgConnection, query: &str) -> Result<Plan> {
    // The first run fills the server's caches.
    let first = explain(connection, query).await?;
    let runs = if first.ms > SLOW_MS { SLOW_RUNS } else { RUNS };
    let mut times = Vec::new();
    for _ in 0..runs {
        times.push(explain(connection, query).await?.ms);
    }
    let ms = median(&mut times);
    // Sorted by now.
    Ok(Plan { ms, best_ms: times[0], ..first })
}

async fn explain(connection: &mut PgConnection, query: &str) -> Result<Plan> {
    let explain = format!("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {query}");
    let row = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_one(connection).await?;
    let told: Value = serde_json::from_str(row.try_get_unchecked::<&str, _>(0)?)?;
    let ms = |what: &str| told[0][what].as_f64().with_context(|| format!("no {what} in the plan"));
    let mut reads_whole = BTreeSet::new();
    whole(&told[0]["Plan"], &mut reads_whole);
    let took = ms("Planning Time")? + ms("Execution Time")?;
    Ok(Plan { ms: took, best_ms: took, reads_whole })
}

/// Finds nodes that read a large table, or an index of one, from end to end. What was planned and never run is none, and
/// neither is what stops at the first rows of an index.
fn whole(node: &Value, found: &mut BTreeSet<String>) {
    let kind = node["Node Type"].as_str().unwrap_or_default();
    let table = node["Relation Name"].as_str().unwrap_or_default();
    let is_large = LARGE.contains(&table);
    let ran = node["Actual Loops"].as_u64() != Some(0);
    let all_of_index =
        ["Index Scan", "Index Only Scan"].contains(&kind) && node["Index Cond"].is_null() && node["Order By"].is_null();
    if is_large && ran && (kind == "Seq Scan" || all_of_index) {
        found.insert(format!("{kind} of {table}"));
    }
    for part in node["Plans"].as_array().into_iter().flatten() {
        // A bitmap names its index, and not its table.
        if part["Node Type"] == "Bitmap Index Scan" && part["Index Cond"].is_null() && is_large {
            found.insert(format!("Bitmap Index Scan of {table}"));
        }
        whole(part, found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(plan: &Value) -> Vec<String> {
        let mut found = BTreeSet::new();
        whole(plan, &mut found);
        found.into_iter().collect()
    }

    #[test]
    fn a_large_table_that_is_read_whole_is_found_at_any_depth() {
        let scan = |kind: &str, table: &str| json!({ "Node Type": kind, "Relation Name": table, "Actual Loops": 1 });
        let plan = json!({ "Node Type": "Gather", "Plans": [
            { "Node Type": "Hash Join", "Plans": [scan("Seq Scan", "error_logs"), scan("Seq Scan", "tenants")] },
            scan("Index Only Scan", "tenant_metrics"),
        ] });
        assert_eq!(found(&plan), ["Index Only Scan of tenant_metrics", "Seq Scan of error_logs"]);
    }

    #[test]
    fn a_part_of_an_index_is_not_the_whole_and_neither_is_what_never_ran() {
        let part = json!({ "Node Type": "Index Scan", "Relation Name": "error_logs", "Index Cond": "(a = 1)" });
        let idle = json!({ "Node Type": "Seq Scan", "Relation Name": "error_logs", "Actual Loops": 0 });
        let bitmap = json!({ "Node Type": "Bitmap Heap Scan", "Relation Name": "error_logs",
            "Plans": [{ "Node Type": "Bitmap Index Scan", "Index Cond": "(a = 1)" }] });
        assert_eq!(found(&json!({ "Node Type": "Append", "Plans": [part, idle, bitmap] })), [""; 0]);
    }
}
