//! Answers in: each one goes where its ticket says, or nowhere.

use std::collections::BTreeSet;

use opsdash_pack::pack::{SourceId, VERDICT, View, ViewId, WHY};

use super::{detail, growth, join, members, narrow, navigate, open, order, schedule, scope};
use crate::{
    attention,
    catalog::{self, FileVerdict},
    contract::{
        self, Address, Answer, Content, Failure, FailureKind, LinkState, Listing, Part, RawRow, Table, Ticket,
        VerifyResult,
    },
    effect::Effect,
    model::{Counted, Load, Model, Panel, Route, Snapshot, SourceState, TargetId, TargetState},
    reason,
    time::{Monotonic, Time},
    value::{Doubt, NotKnown, Row, RowKey, Severity, Value},
};

pub(super) fn loaded(
    model: &mut Model,
    id: TargetId,
    to: Address,
    ticket: Ticket,
    result: Result<Box<Answer>, Failure>,
    effects: &mut Vec<Effect>,
) {
    let clock = model.clock;
    let target = &mut model.targets[id.0];
    let pack = target.pack.clone();
    let view = pack.view(to.view);
    let panel = &mut target.panels[to.view.0];
    if panel.awaited.get(&to.part) != Some(&ticket) {
        return;
    }
    panel.awaited.remove(&to.part);
    let source = to.part.source(view);
    // That counting takes long says nothing of the source: its rows are here. Nor does what one database of several says.
    let is_of_one = pack.is_of_family(view) && !matches!(to.part, Part::List | Part::Summary);
    if to.part != Part::Counts && !is_of_one || result.is_ok() {
        record_link(&mut target.sources[source.0], &result, clock.mono, clock.utc);
    }
    if result.as_ref().is_err_and(|failure| failure.kind == FailureKind::NoScope) && scope::gone(model, id, effects) {
        return;
    }
    let target = &mut model.targets[id.0];
    let recovered = result.is_ok();
    // A script takes each answer as it came.
    let of_source = |failure: &&Failure| failure.kind.is_of_source() && to.part != Part::Counts && !is_of_one;
    let dead = result.as_ref().err().filter(of_source).filter(|_| model.demand.is_screen()).cloned();
    let before = alarms(target, to.part);
    let mut told = None;
    match to.part {
        Part::List | Part::Summary => told = listed(target, view, to, result, clock),
        Part::Counts => counted(&mut target.panels[to.view.0], view, result, clock.mono),
        Part::Store => stored(target, view, to.view, result, clock),
        Part::Choices(facet) => {
            let result = result.and_then(|answer| answer.into_table());
            narrow::options_came(&mut target.panels[to.view.0], view, facet, result);
        }
        Part::Enrich(at) => join::answered(&mut target.panels[to.view.0], view, at, result, clock.mono),
        Part::Detail | Part::DetailList(_) | Part::Chart(_) | Part::Chunks => {
            detail::loaded(&mut target.panels[to.view.0], to.part, result.and_then(|answer| answer.into_table()));
        }
    }
    if recovered {
        wake_siblings(target, source, clock.mono);
    }
    let is_beside_rows =
        matches!(to.part, Part::Choices(_) | Part::Detail | Part::DetailList(_) | Part::Chart(_) | Part::Chunks);
    if !is_beside_rows {
        join::join_around(target, to.view);
    }
    if let Some(failure) = dead {
        call_old(target, source, &failure, clock);
    }
    open::refresh_choices(model);
    growth::remember(model, id, to.view, to.part, effects);
    if let Some(told) = told.filter(|_| model.demand.is_screen()) {
        let target = &model.targets[id.0];
        let whose = if id == model.at { String::new() } else { format!("{}: ", target.name) };
        model.notify(format!("{whose}{}: {told}", pack.source(source).name));
    }
    ring(model, id, &before, effects);
    if id == model.at || model.target().route == Route::Overview {
        navigate::follow_keys(model);
    }
}

type Alarms = [(ViewId, Option<BTreeSet<RowKey>>)];

/// Rings for rows that are crit and were not.
fn ring(model: &mut Model, id: TargetId, before: &Alarms, effects: &mut Vec<Effect>) {
    if let Some(view) = with_new_crit(&model.targets[id.0], before) {
        if model.appearance.bell {
            effects.push(Effect::Bell);
        }
        notify_of_another(model, id, view);
    }
}

pub(super) fn linked(model: &mut Model, target: TargetId, source: SourceId, link: &LinkState) {
    let (now, clock, is_screen) = (model.clock.mono, model.clock, model.demand.is_screen());
    let target = &mut model.targets[target.0];
    let state = &mut target.sources[source.0];
    // What a target leaves out is in no trouble.
    if let LinkState::Down(failure) = link
        && failure.kind != FailureKind::NotConfigured
    {
        let since = state.trouble.map_or(now, |(_, since)| since);
        state.trouble = Some((failure.kind, since));
    }
    state.link = Some(link.clone());
    if let LinkState::Down(failure) = link
        && failure.kind.is_of_source()
        && is_screen
    {
        call_old(target, source, failure, clock);
        navigate::follow_keys(model);
    }
}

/// A source that does not answer one question answers no other: all that is known of it is old at once, and so is what
/// it judges. Nothing that is known is forgotten. The first answer wakes all of them.
fn call_old(target: &mut TargetState, source: SourceId, failure: &Failure, clock: crate::time::Clock) {
    let pack = target.pack.clone();
    let mut changed = BTreeSet::new();
    for (at, view) in pack.views.iter().enumerate() {
        let panel = &mut target.panels[at];
        let is_known = panel.snapshot.is_some() || panel.summary.is_some();
        if view.source == source && is_known && panel.failure().is_none() {
            // The one that failed first asks soonest; the others need not ask in its way.
            let attempt = 3;
            let retry_at = clock.mono.plus(schedule::backoff_ms(failure.kind, attempt, panel.view));
            panel.load = Load::Failed { failure: failure.clone(), attempt, retry_at };
            changed.insert(panel.view);
        }
        let is_stored = view.files.as_ref().is_some_and(|files| files.store == source) && panel.store.listing.is_some();
        if is_stored && !panel.failed.contains_key(&Part::Store) {
            panel.failed.insert(Part::Store, (failure.clone(), clock.mono.plus(schedule::RETRY_MS)));
            reconcile_again(panel, view, clock);
            changed.insert(panel.view);
        }
    }
    for view in changed {
        join::join_around(target, view);
    }
}

/// What an answer says of its source.
fn record_link(source: &mut SourceState, result: &Result<Box<Answer>, Failure>, now: Monotonic, utc: Time) {
    match result {
        Ok(answer) => {
            source.rtt_ms = Some(answer.rtt_ms);
            source.answered = Some(now);
            source.trouble = None;
            if let Some(names) = &answer.operators {
                source.operators = Some((names.clone(), now));
            }
            if let Some(server) = answer.server_now {
                source.clock_offset_ms = server.since_ms(utc);
            }
        }
        Err(failure) if failure.kind.is_of_source() || failure.kind == FailureKind::Timeout => {
            let since = source.trouble.map_or(now, |(_, since)| since);
            source.trouble = Some((failure.kind, since));
        }
        Err(failure) if failure.kind == FailureKind::NotConfigured => {}
        // It answered: about one statement it says no.
        Err(_) => {
            source.answered = Some(now);
            source.trouble = None;
        }
    }
}

/// The list itself, or the summary of it. What is to be told of a family's databases: those that are gone or new.
fn listed(
    target: &mut TargetState,
    view: &View,
    to: Address,
    result: Result<Box<Answer>, Failure>,
    clock: crate::time::Clock,
) -> Option<String> {
    let offset = target.sources[view.source.0].clock_offset_ms;
    let panel = &mut target.panels[to.view.0];
    let took_ms = result.as_ref().map_or(0, |answer| busy_ms(answer));
    let told = result.as_ref().ok().and_then(|answer| answer.server_now);
    let before = members::previous(panel, to.part).and_then(|previous| previous.coverage.as_ref());
    let coverage = result.as_ref().ok().and_then(|answer| answer.coverage.clone());
    let coverage = coverage.map(|coverage| members::with_untold(coverage, before));
    let source = &mut target.sources[view.source.0];
    let changes = coverage.as_ref().and_then(|coverage| members::changes(source, before, coverage, clock.mono));
    let server_now = told.unwrap_or_else(|| clock.utc.plus_ms(offset));
    let snapshot = result.and_then(|answer| answer.into_table()).and_then(|table| {
        let mut table = reconciled(panel, view, to.part, table, clock);
        if let Some(coverage) = &coverage {
            contract::add_failed(&mut table, view, coverage);
        }
        let (counts, truncated, reasons) = (table.counts, table.truncated, table.reasons.clone());
        Ok(Snapshot {
            rows: rows_of(view, table, server_now)?,
            counts,
            own_counts: counts,
            own_reasons: reasons.clone(),
            reasons,
            truncated,
            troubled: schedule::is_troubled(&target.pack, to.view, to.part),
            at: clock.mono,
            server_now,
            took_ms,
            uncounted: counts.more_from.is_some(),
            coverage,
        })
    });
    match snapshot {
        Ok(mut snapshot) => {
            members::keep_known(&mut snapshot, members::previous(panel, to.part), view);
            keep(panel, view, to.part, snapshot);
            schedule::put_counts(panel, view, clock.mono);
            panel.load = Load::Fresh;
        }
        Err(failure) => {
            let attempt = if let Load::Failed { attempt, .. } = panel.load { attempt + 1 } else { 1 };
            let retry_at = clock.mono.plus(schedule::backoff_ms(failure.kind, attempt, to.view));
            panel.load = Load::Failed { failure, attempt, retry_at };
        }
    }
    changes
}

/// The counts of rows that are here. Without them, what is here stays as it is.
fn counted(panel: &mut Panel, view: &View, result: Result<Box<Answer>, Failure>, now: Monotonic) {
    let took_ms = result.as_ref().map_or(0, |answer| busy_ms(answer));
    match result.and_then(|answer| answer.into_table()) {
        Ok(table) => {
            panel.failed.remove(&Part::Counts);
            panel.counted = Some(Counted { counts: table.counts, reasons: table.reasons, at: now, took_ms });
            schedule::put_counts(panel, view, now);
        }
        Err(failure) => {
            panel.failed.insert(Part::Counts, (failure, now.plus(schedule::RETRY_MS)));
        }
    }
}

/// How long the server was busy with an answer, in ms.
fn busy_ms(answer: &Answer) -> u64 {
    answer.took_ms.saturating_sub(2 * answer.rtt_ms)
}

/// Puts a snapshot in its place. Enriched cells of rows that were there stay until they are asked again.
fn keep(panel: &mut Panel, view: &View, part: Part, mut snapshot: Snapshot) {
    let place = if part == Part::List { &mut panel.snapshot } else { &mut panel.summary };
    if let Some(old) = place {
        let silent = members::verdict_keys(&snapshot, view);
        join::carry_over(&mut old.rows, snapshot.rows.iter_mut().filter(|row| !silent.contains(&row.key)));
    }
    *place = Some(snapshot);
}

/// Of a files view, the catalog and the store together; of any other view, the table as it is.
fn reconciled(panel: &mut Panel, view: &View, part: Part, table: Table, clock: crate::time::Clock) -> Table {
    if view.files.is_none() {
        return table;
    }
    let joined = held_against_store(view, panel, part, &table, clock);
    panel.store.catalog.insert(part, table);
    joined
}

/// Whether the catalog was asked for under other choices than those of the overview.
fn is_narrowed(panel: &Panel, part: Part) -> bool {
    part == Part::List && !panel.choices.is_default()
}

/// The store's last answer.
fn listing(panel: &Panel) -> Result<&Listing, Doubt> {
    match &panel.store.listing {
        Some(listing) => Ok(listing),
        None if panel.failed.contains_key(&Part::Store) => Err(Doubt::SourceDown),
        None => Err(Doubt::NotLoaded),
    }
}

/// The catalog held against the store's last answer. Where the store has failed since, what is known of a row stays, and
/// the doubt stands beside it.
fn held_against_store(view: &View, panel: &Panel, part: Part, table: &Table, clock: crate::time::Clock) -> Table {
    let Some(files) = &view.files else { return table.clone() };
    let mut joined = catalog::reconcile(view, files, table, is_narrowed(panel, part), listing(panel), clock);
    if panel.failed.contains_key(&Part::Store) {
        for row in joined.rows.iter_mut().filter(|row| row.doubt.is_none() && row.severity != Severity::Unknown) {
            row.doubt = Some(NotKnown::new(Doubt::SourceDown, ""));
        }
    }
    joined
}

/// The store answered, or did not: every catalog that is here is compared again.
fn stored(
    target: &mut TargetState,
    view: &View,
    id: ViewId,
    result: Result<Box<Answer>, Failure>,
    clock: crate::time::Clock,
) {
    let panel = &mut target.panels[id.0];
    match result.map(|answer| answer.content) {
        Ok(Content::Listing(mut listing)) => {
            if listing.orphans.is_some() {
                panel.store.orphans_at = Some(clock.mono);
            } else {
                listing.orphans = panel.store.listing.take().and_then(|old| old.orphans);
            }
            panel.store.listing = Some(listing);
            panel.store.listed_at = Some(clock.mono);
            panel.failed.remove(&Part::Store);
        }
        Ok(Content::Table(_)) => {}
        Err(failure) => {
            panel.failed.insert(Part::Store, (failure, clock.mono.plus(schedule::RETRY_MS)));
        }
    }
    reconcile_again(panel, view, clock);
}

/// A file was read to its end: what it found is compared with the catalog. Whether it is not as promised.
pub(super) fn checked(
    model: &mut Model,
    id: TargetId,
    view_id: ViewId,
    file: &str,
    checked: &VerifyResult,
    effects: &mut Vec<Effect>,
) -> bool {
    let clock = model.clock;
    let target = &mut model.targets[id.0];
    let pack = target.pack.clone();
    let view = pack.view(view_id);
    let before = alarms(target, Part::Store);
    let panel = &mut target.panels[view_id.0];
    let files = panel.store.listing.as_mut().map(|listing| &mut listing.files);
    for known in files.into_iter().flatten().filter(|known| known.id == file) {
        known.checked = Some(checked.clone());
    }
    reconcile_again(panel, view, clock);
    order::reorder(panel);
    let is_bad = matches!(checked, VerifyResult::Damaged(_)) || is_bad(panel, view, file);
    ring(model, id, &before, effects);
    navigate::follow_keys(model);
    is_bad
}

/// Whether a row that names this file says that its bytes are wrong.
fn is_bad(panel: &Panel, view: &View, file: &str) -> bool {
    let (Some(files), Some(at), Some(listing)) = (&view.files, view.column(VERDICT), listing(panel).ok()) else {
        return false;
    };
    let rows = panel.list_snapshot().into_iter().flat_map(|snapshot| &snapshot.rows);
    let is_wrong = |row: &&Row| {
        let word = row.cells[at].as_text();
        [FileVerdict::ChecksumBad, FileVerdict::Size].iter().any(|wrong| word == Some(wrong.word()))
    };
    rows.filter(is_wrong).any(|row| {
        let named = panel.store.catalog.values();
        let mut named = named.filter_map(|catalog| catalog::wanted(files, catalog, listing, row.key.as_str()));
        named.any(|wanted| wanted.file.id == file)
    })
}

/// The rows of a files view from the catalog and the store as they are known.
fn reconcile_again(panel: &mut Panel, view: &View, clock: crate::time::Clock) {
    if view.files.is_none() {
        return;
    }
    for part in [Part::List, Part::Summary] {
        let Some(catalog) = panel.store.catalog.get(&part) else { continue };
        let table = held_against_store(view, panel, part, catalog, clock);
        let place = if part == Part::List { &mut panel.snapshot } else { &mut panel.summary };
        let Some(snapshot) = place else { continue };
        let (counts, truncated, reasons) = (table.counts, table.truncated, table.reasons.clone());
        if let Ok(rows) = rows_of(view, table, snapshot.server_now) {
            snapshot.rows = rows;
            snapshot.counts = counts;
            snapshot.own_counts = counts;
            snapshot.own_reasons.clone_from(&reasons);
            snapshot.reasons = reasons;
            snapshot.truncated = truncated;
        }
    }
}

/// Rows with a cell for every column of the view, and why each is as it is at that time of the server.
///
/// # Errors
/// A column that neither the query nor an enrichment brings, by name.
pub fn rows_of(view: &View, table: Table, server_now: Time) -> Result<Vec<Row>, Failure> {
    // Where documents bring their fields, no document brings none: that is an empty list, not a changed schema.
    if table.columns.is_empty() && table.rows.is_empty() {
        return Ok(Vec::new());
    }
    let filled: BTreeSet<&str> = view.filled().collect();
    let mut places = Vec::with_capacity(view.columns.len());
    for column in &view.columns {
        let place = table.columns.iter().position(|name| *name == column.name);
        if place.is_none() && !filled.contains(column.name.as_str()) && column.name != WHY {
            let file = view.query.file();
            let message = format!("{file} returns no column \"{}\"", column.name);
            return Err(Failure::new(FailureKind::Schema, &message).of_object(&column.name));
        }
        places.push(place);
    }
    let mut said = reason::Shared::default();
    let row = |mut raw: RawRow| {
        let mut row = Row {
            key: raw.key,
            own: raw.severity,
            severity: raw.severity,
            own_why: raw.why.clone(),
            why: raw.why.clone(),
            told: raw.why,
            reason: raw.reasons.first().cloned(),
            own_reasons: raw.reasons,
            own_doubt: raw.doubt.as_ref().map(|not_known| not_known.doubt),
            doubt: raw.doubt.as_ref().map(|not_known| not_known.doubt),
            cells: places
                .iter()
                .zip(&view.columns)
                .map(|(place, column)| {
                    let cell = place.map_or(Value::Unknown, |at| std::mem::take(&mut raw.cells[at]));
                    cell.in_format(column.format)
                })
                .collect(),
            old: None,
            enriched: 0,
        };
        row.own_why = said.share(reason::own_why(view, &row, server_now));
        row.why = row.own_why.clone();
        if let Some(not_known) = raw.doubt.filter(|_| row.own == Severity::Unknown) {
            row.own_why = said.share(reason::doubted(view, &row, &not_known, server_now));
            row.why = row.own_why.clone();
        }
        join::show_why(view, &mut row);
        row
    };
    Ok(table.rows.into_iter().map(row).collect())
}

/// A source that answers one panel answers the others too: nobody waits for the end of a backoff.
fn wake_siblings(target: &mut TargetState, source: SourceId, now: Monotonic) {
    let pack = target.pack.clone();
    for panel in &mut target.panels {
        if pack.view(panel.view).source != source {
            continue;
        }
        if let Load::Failed { failure, retry_at, .. } = &mut panel.load
            && failure.kind.is_of_source()
        {
            *retry_at = now;
        }
    }
}

/// For each view of the overview, the rows for which no bell rings when they become crit: the rows that are crit already,
/// and the rows that are unknown. A row that another view or a store judges begins as unknown, so its first verdict is no
/// news. `None` for a view that has no rows yet.
fn alarms(target: &TargetState, part: Part) -> Vec<(ViewId, Option<BTreeSet<RowKey>>)> {
    if !matches!(part, Part::List | Part::Summary | Part::Store) {
        return Vec::new();
    }
    attention::views(target).map(|view| (view, keys(target, view, is_known_as_crit))).collect()
}

/// Whether it is no news that the row is crit: it is already, or was when its database last answered, or what judges it was
/// out of reach and may have said so before.
fn is_known_as_crit(row: &Row) -> bool {
    let is_known = row.old.map_or(row.doubt.is_some(), |old| old.severity == Severity::Crit);
    row.severity == Severity::Crit || is_known
}

fn keys(target: &TargetState, view: ViewId, wanted: impl Fn(&Row) -> bool) -> Option<BTreeSet<RowKey>> {
    // Rows that come after the first ones are no news.
    if target.panel(view).has_first_rows_alone(target.pack.view(view).limit) {
        return None;
    }
    let snapshot = target.panel(view).default_snapshot()?;
    Some(snapshot.rows.iter().filter(|row| wanted(row)).map(|row| row.key.clone()).collect())
}

/// The first view, of those that were known before, with a row that is crit and was not: one view's answer may judge
/// another's rows.
fn with_new_crit(target: &TargetState, before: &Alarms) -> Option<ViewId> {
    let has_new = |(view, before): &&(ViewId, Option<BTreeSet<RowKey>>)| {
        let after = keys(target, *view, |row| row.severity == Severity::Crit);
        before.as_ref().zip(after).is_some_and(|(before, after)| !after.is_subset(before))
    };
    before.iter().find(has_new).map(|(view, _)| *view)
}

/// A tab shows what is new in its own target; of another one nothing else on screen would say why the bell rang.
fn notify_of_another(model: &mut Model, id: TargetId, view: ViewId) {
    let target = &model.targets[id.0];
    if id != model.at && model.target().route != Route::Overview {
        let said = format!("{}: a new crit row in {}", target.name, target.pack.view(view).title);
        model.notify_error(said);
    }
}
