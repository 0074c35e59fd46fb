//! Enrichments: values from other queries and other views, joined to the rows that are here.

use std::collections::{BTreeMap, BTreeSet};

use opsdash_pack::pack::{Enrich, EnrichBy, Finding, Format, View, ViewId, WHY};

use super::{across, growth, order};
use crate::{
    contract::{self, Answer, Coverage, Failure, FailureKind, Part, Table},
    format,
    model::{Load, Panel, Snapshot, TargetState},
    reason,
    scope::ScopeChoice,
    time::{Monotonic, Time},
    value::{Doubt, NotKnown, Row, RowKey, Severity, Value},
};

/// Rows that were there before keep their enriched cells until the answer for the new snapshot has come, and the memory of
/// what has not changed: few rows change between two answers, and what is made anew for all of them leaves holes.
pub(super) fn carry_over<'r>(old: &mut [Row], new: impl Iterator<Item = &'r mut Row>) {
    let mut known: BTreeMap<RowKey, &mut Row> = old.iter_mut().map(|row| (row.key.clone(), row)).collect();
    for row in new {
        let Some((key, old)) = known.remove_entry(&row.key) else { continue };
        if old.cells.len() != row.cells.len() {
            continue;
        }
        row.key = key;
        for (cell, kept) in row.cells.iter_mut().zip(&mut old.cells) {
            if *cell != Value::Unknown && cell != kept {
                std::mem::swap(cell, kept);
            }
        }
        std::mem::swap(&mut row.cells, &mut old.cells);
        for (text, kept) in [(&mut row.told, &old.told), (&mut row.own_why, &old.own_why), (&mut row.why, &old.why)] {
            if text == kept {
                text.clone_from(kept);
            }
        }
    }
}

/// The answer of an enrichment's own query, for the rows that it was asked about.
pub(super) fn answered(
    panel: &mut Panel,
    view: &View,
    at: usize,
    result: Result<Box<Answer>, Failure>,
    now: Monotonic,
) {
    let enrich = &view.enrich[at];
    let asked = panel.enriching.remove(&at).unwrap_or_default();
    let Some(snapshot) = &mut panel.snapshot else { return };
    // Of a database that did not answer nothing is known.
    let silent: BTreeSet<String> =
        result.iter().filter_map(|answer| answer.coverage.as_ref()).flat_map(silent).collect();
    let is_silent = |key: &RowKey| {
        let database = if silent.is_empty() { None } else { key.in_member(view.row_key.len()) };
        database.is_some_and(|(database, _)| silent.contains(&database))
    };
    let table = match result.and_then(|answer| answer.into_table()).and_then(|table| whole(enrich, table)) {
        Ok(table) => {
            panel.failed.remove(&Part::Enrich(at));
            Some(table)
        }
        Err(failure) => {
            panel.failed.insert(Part::Enrich(at), (failure, now.plus(super::schedule::RETRY_MS)));
            None
        }
    };
    let places: Vec<Option<usize>> = enrich
        .columns
        .iter()
        .map(|name| table.as_ref().and_then(|table| table.columns.iter().position(|column| column == name)))
        .collect();
    let found: BTreeMap<&RowKey, &[Value]> =
        table.iter().flat_map(|table| &table.rows).map(|row| (&row.key, row.cells.as_slice())).collect();
    for row in snapshot.rows.iter_mut().filter(|row| asked.contains(&row.key)) {
        let values = found.get(&row.key);
        for (name, place) in enrich.columns.iter().zip(&places) {
            let Some(column) = view.column(name) else { continue };
            row.cells[column] = match (&table, values, place) {
                (None, ..) => Value::Unknown,
                // What is old stays so.
                _ if is_silent(&row.key) && row.old.is_some() => continue,
                _ if is_silent(&row.key) => Value::Unknown,
                (Some(_), Some(values), Some(place)) => values[*place].clone().in_format(view.columns[column].format),
                (Some(_), ..) => absent(view, enrich, name),
            };
        }
        row.enriched |= u32::from(table.is_some()) << at;
    }
}

/// The databases that did not answer.
fn silent(coverage: &Coverage) -> impl Iterator<Item = String> + '_ {
    coverage.failed.iter().map(|member| member.name.clone())
}

/// The table, if it has the columns that the enrichment fills. Without a row a driver may not tell their names.
fn whole(enrich: &Enrich, table: Table) -> Result<Table, Failure> {
    let missing = enrich.columns.iter().find(|name| !table.columns.contains(name));
    match (missing, &enrich.by) {
        (Some(name), EnrichBy::Query(query)) if !table.rows.is_empty() => {
            let message = format!("{} returns no column \"{name}\"", query.file());
            Err(Failure::new(FailureKind::Schema, &message).of_object(name))
        }
        _ => Ok(table),
    }
}

/// Joins the views that this one is enriched by, and those that it enriches, and puts their lists in order. Of the others
/// nothing has changed.
pub(super) fn join_around(target: &mut TargetState, changed: ViewId) {
    let pack = target.pack.clone();
    for (at, view) in pack.views.iter().enumerate() {
        let touches = |enrich: &Enrich| matches!(enrich.by, EnrichBy::View { view, .. } if view == changed);
        if at == changed.0 || view.enrich.iter().any(touches) {
            join(target, ViewId(at), view);
            order::reorder(&mut target.panels[at]);
        }
    }
}

/// What another view knows; while it knows nothing, why not.
type OtherView<'a> = Result<OtherRows<'a>, NotKnown>;

/// The rows of another view.
struct OtherRows<'a> {
    by_key: BTreeMap<&'a RowKey, &'a Row>,
    /// Whether they are what was known before the other view failed.
    is_old: bool,
    /// What is to be said of a row whose own column is not known.
    unasked: NotKnown,
    /// What is to be said of a row that is not among them; `None` when the other view has no such row at all.
    beyond: Option<NotKnown>,
}

fn join(target: &mut TargetState, id: ViewId, view: &View) {
    if !view.is_judged_by_program() {
        return;
    }
    let scope = target.scope_of(id).and_then(ScopeChoice::id).map(str::to_owned);
    // No view judges itself, so the others stay in their place while this one's rows are judged.
    let panel = &mut target.panels[id.0];
    let (mut own, mut summary) = (panel.snapshot.take(), panel.summary.take());
    let others: Vec<(&Enrich, &str, Vec<Option<usize>>, OtherView<'_>)> = view
        .enrich
        .iter()
        .filter_map(|enrich| match &enrich.by {
            EnrichBy::Query(_) => None,
            EnrichBy::View { view: other, on } => {
                // What a target leaves out judges nothing: its columns stay unknown.
                if target.panel(*other).is_left_out() {
                    return None;
                }
                let columns = enrich.columns.iter().map(|name| target.pack.view(*other).column(name)).collect();
                let mut known = known(target.panel(*other), target.pack.view(*other));
                if let Ok(known) = &mut known
                    && known.is_old
                    && enrich.missing.is_some()
                {
                    // What was not there when it was last seen may be there now.
                    let what = format!("{}: is old", target.pack.view(*other).title);
                    known.beyond.get_or_insert(NotKnown::new(Doubt::SourceDown, what));
                }
                Some((enrich, on.as_str(), columns, known))
            }
        })
        .collect();
    let waits = reason::waits_for_joined(view);
    for snapshot in [own.as_mut(), summary.as_mut()].into_iter().flatten() {
        let now = snapshot.server_now;
        for row in &mut snapshot.rows {
            let found: Vec<Judged<'_>> = others
                .iter()
                .map(|(enrich, on, columns, known)| fill_cells(row, view, enrich, on, columns, known))
                .collect();
            // What is not known of a row no join makes known.
            if waits && !(row.own == Severity::Unknown && row.own_doubt.is_some()) {
                row.own_why = reason::own_why(view, row, now);
            }
            row.severity = row.own;
            row.why.clone_from(&row.own_why);
            row.reason = row.own_reasons.first().cloned();
            row.doubt = row.own_doubt;
            for ((enrich, ..), judged) in others.iter().zip(found) {
                let is_left_to_it = |other: &Row| other.severity == Severity::Unknown && other.doubt.is_none();
                if enrich.only_trouble && matches!(judged, Ok(Some(other)) if is_left_to_it(other)) {
                    continue;
                }
                if enrich.only_trouble && matches!(judged, Err(why) if why.doubt == Doubt::NoScope) {
                    row.doubt = row.doubt.or(Some(Doubt::NoScope));
                    continue;
                }
                match (judged, &enrich.missing) {
                    (Ok(None), Some(missing)) => miss(row, view, missing, now),
                    _ => judge(row, view, judged, now),
                }
            }
            if others.iter().any(|(.., known)| known.as_ref().is_ok_and(|known| known.is_old)) {
                row.doubt = row.doubt.or(Some(Doubt::SourceDown));
            }
            show_why(view, row);
        }
    }
    let panel = &mut target.panels[id.0];
    (panel.snapshot, panel.summary) = (own, summary);
    // With what joined views have filled.
    let comparison = across::compare(view, panel.default_snapshot());
    let memory = target.days.as_ref().map_err(String::as_str);
    let is_compared = !view.across.is_empty() || !view.growth.is_empty();
    for snapshot in [panel.snapshot.as_mut(), panel.summary.as_mut()].into_iter().flatten() {
        let now = snapshot.server_now;
        for row in snapshot.rows.iter_mut().filter(|_| is_compared) {
            if row.old.is_none() {
                across::judge(view, row, &comparison, now);
                growth::judge(view, row, scope.as_deref(), memory, now);
            } else if row.own_doubt.is_some() {
                // It is compared with nothing now. The row of a database itself has its verdict already.
                let why = NotKnown::new(Doubt::SourceDown, "its database does not answer");
                across::doubt(row, view, &why, now);
            }
            show_why(view, row);
        }
        recount(snapshot);
    }
}

fn known<'a>(panel: &'a Panel, view: &View) -> OtherView<'a> {
    let title = &view.title;
    // Not what the tab shows: a search there would make the rows it leaves out look well.
    // What was known before it failed stays until something newer is known.
    let Some(snapshot) = panel.default_snapshot().filter(|_| panel.load != Load::Never) else {
        let failed = panel.failure().map(|failure| match failure.kind {
            FailureKind::NoScope => NotKnown::new(Doubt::NoScope, format!("{title}: {}", failure.message)),
            _ => NotKnown::new(Doubt::SourceDown, format!("{title}: {failure}")),
        });
        return Err(failed.unwrap_or_else(|| NotKnown::new(Doubt::NotLoaded, "waiting for what it is judged by")));
    };
    // A tab that is not open has loaded its troubled rows alone: of the others nothing is at hand.
    let is_cut = snapshot.truncated || snapshot.troubled;
    let beyond = is_cut.then(|| NotKnown::new(Doubt::NotLoaded, format!("{title}: has more rows than are loaded")));
    let silent = snapshot.coverage.as_ref().filter(|coverage| contract::is_incomplete(coverage, view));
    let silent = silent.map(|coverage| format!("{title}: {} databases answered", coverage.label()));
    let beyond = silent.map(|what| NotKnown::new(Doubt::SourceDown, what)).or(beyond);
    let is_old = panel.failure().is_some();
    let unasked = NotKnown::new(Doubt::NotLoaded, format!("{title}: which row it is there is not known"));
    // Of a database that does not answer its own row says so; what else was known of it judges nothing.
    let judges = |row: &&Row| row.old.is_none() || view.row_key.len() == 1;
    let by_key = snapshot.rows.iter().filter(judges).map(|row| (&row.key, row)).collect();
    Ok(OtherRows { by_key, is_old, unasked, beyond })
}

/// What another view says of a row; `None` when it does not list the row.
type Judged<'a> = Result<Option<&'a Row>, &'a NotKnown>;

/// Fills the cells that another view brings.
fn fill_cells<'a>(
    row: &mut Row,
    view: &View,
    enrich: &Enrich,
    on: &str,
    columns: &[Option<usize>],
    known: &'a OtherView<'a>,
) -> Judged<'a> {
    // As a driver writes a key, whatever type the column is of.
    let cell = view.column(on).map(|at| &row.cells[at]);
    let key = match view.column(on) {
        Some(at) => RowKey(format::plain(&row.cells[at], Format::Text).into()),
        None => row.key.clone(),
    };
    let other = match known {
        Err(why) => Err(why),
        Ok(known) => match (known.by_key.get(&key), &known.beyond) {
            (None, _) if cell == Some(&Value::Unknown) => Err(&known.unasked),
            (None, Some(why)) => Err(why),
            (found, _) => Ok(found.copied()),
        },
    };
    for (name, place) in enrich.columns.iter().zip(columns) {
        let Some(column) = view.column(name) else { continue };
        row.cells[column] = match (other, place) {
            (Err(_), _) => Value::Unknown,
            // Here nothing would say that it is old.
            (Ok(Some(other)), _) if other.old.is_some() => Value::Unknown,
            (Ok(Some(other)), Some(place)) => other.cells[*place].clone().in_format(view.columns[column].format),
            (Ok(_), _) => absent(view, enrich, name),
        };
    }
    other
}

/// Lets another view judge a row: the worse of both counts, with its reason. What is not known takes no reason away: it
/// stands beside it.
fn judge(row: &mut Row, view: &View, judged: Judged<'_>, now: Time) {
    match judged {
        Ok(None) => {}
        Ok(Some(other)) => {
            row.doubt = row.doubt.or(other.doubt);
            let severity = row.severity.judged_also(other.severity);
            if severity > row.severity {
                row.severity = severity;
                row.why = reason::joined_why(view, row, other.reason.as_deref(), &other.why, now);
                row.reason.clone_from(&other.reason);
            }
        }
        Err(not_known) => across::doubt(row, view, not_known, now),
    }
}

/// Judges a row that another view does not list, though it should.
fn miss(row: &mut Row, view: &View, missing: &Finding, now: Time) {
    let severity = row.severity.judged_also(if missing.is_crit { Severity::Crit } else { Severity::Warn });
    if severity > row.severity {
        row.severity = severity;
        row.why = reason::joined_why(view, row, Some(&missing.reason), &"".into(), now);
        row.reason = Some(missing.reason.as_str().into());
    }
}

/// Puts the reason into its column, where the view has one.
pub(super) fn show_why(view: &View, row: &mut Row) {
    if let Some(at) = view.column(WHY) {
        row.cells[at] = if row.why.is_empty() { Value::Null } else { Value::Text(row.why.clone()) };
    }
}

/// What a cell holds for a row that the other side does not list.
fn absent(view: &View, enrich: &Enrich, name: &str) -> Value {
    let is_bool = view.column(name).is_some_and(|at| view.columns[at].format == Format::Bool);
    match enrich.absent.get(name) {
        None => Value::Null,
        Some(text) if is_bool && let Ok(word) = text.parse::<bool>() => Value::Bool(word),
        Some(text) => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(n), _) => Value::Int(n),
            (_, Ok(f)) if f.is_finite() => Value::Float(f),
            _ => Value::text(text),
        },
    }
}

/// Counts and order after rows got worse: each loaded row that differs from what the query counted is moved. Of rows
/// beyond the limit the query alone has judged, so those that it calls ok are not known to be.
fn recount(snapshot: &mut Snapshot) {
    let mut counts = snapshot.own_counts;
    let loaded_ok = snapshot.rows.iter().filter(|row| row.own == Severity::Ok).count() as u64;
    let beyond = if snapshot.truncated { counts.ok.saturating_sub(loaded_ok) } else { 0 };
    counts.ok -= beyond;
    counts.unknown += beyond;
    let mut reasons = snapshot.own_reasons.clone();
    reasons.add(Severity::Unknown, Doubt::NotLoaded.word(), beyond);
    for row in &snapshot.rows {
        let (own, counted) = (row.own_reasons.first().map(|id| &**id), row.counted_reason());
        if row.severity != row.own {
            counts.remove_one(row.own);
            counts.add(row.severity, 1);
        }
        if row.severity != row.own || own != counted {
            if let Some(id) = own {
                reasons.remove_one(row.own, id);
            }
            if let Some(id) = counted {
                reasons.add(row.severity, id, 1);
            }
        }
    }
    snapshot.counts = counts;
    snapshot.reasons = reasons;
    // Stable: within a severity the query's own order stays. The rows came in that order, by their own severity.
    snapshot.rows.sort_by_key(|row| std::cmp::Reverse(row.severity));
}
