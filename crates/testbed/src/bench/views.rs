//! How long the servers work on what each view asks of them, beside the queries of the system's own document.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use opsdash_pack::pack::Pack;
use sqlx::PgConnection;

use super::{
    database::{Database, run},
    documented::DOCUMENTED,
    plan::{self, Plan},
    statements::{self, Asked, COUNTS},
    store,
    table::{Budget, Figure, Unit},
};
use crate::packs;

/// What a view may cost the server.
const A_VIEW: Budget = Budget::AtMost(100.0);
const ERRORS: Budget = Budget::AtMost(250.0);
const ERRORS_BY_PARTIAL_INDEX: Budget = Budget::AtMost(30.0);
/// How much faster than the document's query silent tenants are found.
const SILENT_TENANTS: Budget = Budget::AtLeast(100.0);
/// How much slower than the document's query the log's first rows may come: three times.
const FIRST_ROWS: Budget = Budget::AtLeast(1.0 / 3.0);

/// What is asked only when the reader asks for it: told, without a budget.
const ON_DEMAND: [(&str, &[&str]); 4] = [
    ("tenants", &["state=silent"]),
    ("licenses", &["preset=expiring"]),
    ("metrics", &["period=24h"]),
    ("errors", &["level=all"]),
];
/// Its query wants a text to look for, so a budget for it without one would mean nothing.
const LOOKUPS: [&str; 1] = ["license_lookup"];

/// The index that finds what is open; not among the documented ones.
const PARTIAL_INDEX: &str = r#"CREATE INDEX bench_partial ON error_logs ("level", "timestamp") WHERE NOT "resolved";
    ANALYZE error_logs"#;
const ASKS_WHAT_IS_OPEN: [&str; 5] = ["errors", "error_log", "error_log counts", "tenant_errors", "overview_facts"];

/// Measures every view of the pack.
pub(super) async fn measure(program: &Path, database: &Database) -> Result<Vec<Figure>> {
    let pack = packs::all(&crate::repository())?
        .into_iter()
        .find(|pack| pack.system == "cybersensei")
        .context("its pack is gone")?;
    let asked = ask_all(program, database, &pack)?;
    let mut operator = database.connect_as_operator().await?;
    let mut figures = Vec::new();
    let mut plans = BTreeMap::new();
    for asked in &asked {
        let plan = plan::of_asked(&mut operator, asked).await?;
        figures.push(figure(&pack, &asked.name, &plan));
        plans.insert(asked.name.clone(), plan);
    }
    figures.extend(documented(&mut operator, &plans).await?);
    figures.extend(with_partial_index(database, &mut operator, &asked).await?);
    figures.push(whole_reads(&plans));
    figures.extend(file_store(database, &pack).await?);
    Ok(figures)
}

/// Opens every view in the program. A statement that several views share is told once, under its file's name.
fn ask_all(program: &Path, database: &Database, pack: &Pack) -> Result<Vec<Asked>> {
    let mut asked: Vec<Asked> = Vec::new();
    for view in pack.views.iter().filter(|view| !LOOKUPS.contains(&view.id.as_str())) {
        for new in statements::of_view(program, database, view, &[])? {
            if asked.iter().all(|known| known.name != new.name) {
                asked.push(new);
            }
        }
    }
    for (id, choices) in ON_DEMAND {
        let view = pack.view(pack.find(id).with_context(|| format!("there is no view {id}"))?);
        let list = statements::of_view(program, database, view, choices)?.into_iter().next();
        let value = choices.concat().split_once('=').map(|(_, value)| value.to_owned()).unwrap_or_default();
        asked.extend(list.map(|list| Asked { name: format!("{} {value}", list.name), ..list }));
    }
    Ok(asked)
}

/// A view's own query has a budget; so has what is asked of each screenful beside it.
fn figure(pack: &Pack, name: &str, plan: &Plan) -> Figure {
    let are_counts = name.ends_with(COUNTS);
    let is_on_demand = name.contains(' ') && !are_counts;
    let view = name.split(['.', ' ']).next().unwrap_or(name);
    let is_hidden = pack.find(view).is_none_or(|view| pack.view(view).hidden);
    let budget = match name {
        // Counts come at their own pace, and nothing waits for them.
        _ if is_on_demand || are_counts => Budget::None,
        _ if view == "errors" => ERRORS,
        _ => A_VIEW,
    };
    let kind = match () {
        () if is_on_demand => "on demand",
        () if are_counts => "at its own pace",
        () if name.contains('.') => "beside it",
        () if is_hidden => "hidden",
        () => "",
    };
    let note = format!("{kind} {}", plan.note());
    Figure::new(name, plan.ms, Unit::Ms, budget).note(note.trim())
}

/// The document's queries, and how much faster ours is.
async fn documented(connection: &mut PgConnection, plans: &BTreeMap<String, Plan>) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for documented in DOCUMENTED {
        let plan = plan::of_query(connection, documented.query).await.context(documented.name)?;
        let ours = plans.get(documented.ours).with_context(|| format!("{} was not asked", documented.ours))?;
        let name = format!("document: {}", documented.name);
        figures.push(Figure::new(name, plan.ms, Unit::Ms, Budget::None).note(plan.note()));
        let budget = match documented.name {
            "silent_tenants" => SILENT_TENANTS,
            "critical_errors" => FIRST_ROWS,
            _ => Budget::None,
        };
        let what = format!("  {} against it", documented.ours);
        figures.push(Figure::new(what, plan.ms / ours.ms, Unit::Times, budget));
    }
    Ok(figures)
}

/// The same statements again, with the index that would carry them; it is taken away afterwards.
async fn with_partial_index(database: &Database, operator: &mut PgConnection, asked: &[Asked]) -> Result<Vec<Figure>> {
    let mut admin = database.connect().await?;
    run(&mut admin, PARTIAL_INDEX).await?;
    let mut figures = Vec::new();
    for asked in asked.iter().filter(|asked| ASKS_WHAT_IS_OPEN.contains(&asked.name.as_str())) {
        let plan = plan::of_asked(operator, asked).await?;
        let budget = if asked.name == "errors" { ERRORS_BY_PARTIAL_INDEX } else { A_VIEW };
        let what = format!("{} with the partial index", asked.name);
        figures.push(Figure::new(what, plan.ms, Unit::Ms, budget).note(plan.note()));
    }
    run(&mut admin, "DROP INDEX bench_partial").await?;
    Ok(figures)
}

fn whole_reads(plans: &BTreeMap<String, Plan>) -> Figure {
    let with: Vec<&str> =
        plans.iter().filter(|(_, plan)| !plan.reads_whole.is_empty()).map(|(name, _)| &**name).collect();
    #[expect(clippy::cast_precision_loss, reason = "a few")]
    let count = with.len() as f64;
    Figure::new("statements that read a large table whole", count, Unit::Count, Budget::AtMost(0.0))
        .note(with.join(", "))
}

async fn file_store(database: &Database, pack: &Pack) -> Result<Vec<Figure>> {
    let commands = store::commands(database, pack).await?;
    let mut figures: Vec<Figure> = commands
        .iter()
        .map(|command| Figure::new(&command.name, command.ms, Unit::Ms, A_VIEW).note("file store"))
        .collect();
    let reading: Vec<&str> =
        commands.iter().filter(|command| command.reads_chunks).map(|command| &*command.name).collect();
    #[expect(clippy::cast_precision_loss, reason = "a few")]
    let count = reading.len() as f64;
    let what = "commands that read the chunks themselves";
    figures.push(Figure::new(what, count, Unit::Count, Budget::AtMost(0.0)).note(reading.join(", ")));
    Ok(figures)
}
