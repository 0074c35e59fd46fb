//! Who is asked when. Nothing here waits: it looks at the clock in the model and says what is due.

use std::sync::Arc;

use opsdash_pack::pack::{EnrichBy, Pack, SCOPE, SourceId, Statement, View, ViewId};

use super::{detail, scope_list, snooze, unlock};
use crate::{
    catalog,
    contract::{self, Address, Bind, FailureKind, Freshness, Part, Question, Read, ResultShape, Table, Within},
    effect::Effect,
    geometry,
    model::{Demand, Load, Loadable, Model, NOTICE_MS, Panel, Route, TargetId, TargetState},
    scope::ScopeChoice,
    time::Monotonic,
    value::Row,
};

/// How often panels that are not on screen, and those of other targets, are asked for their counts, in ms.
const SUMMARY_MS: u64 = 60_000;
/// The same while the overview is looked at, at the least, in ms.
const OVERVIEW_MS: u64 = 10_000;
/// Troubled rows that a summary loads; the counts are of all of them.
const SUMMARY_ROWS: u32 = 200;
/// Rows that are asked for first where they come without counts, so that they are on screen at once.
const FIRST_ROWS: u32 = 100;
/// Counts that stand beside newer rows are no older than this many times their own interval.
const COUNTS_KEPT: u64 = 2;
/// How long a failed question beside the list rests, in ms.
pub(super) const RETRY_MS: u64 = 10_000;
/// How often chunks without a file are looked for, in ms: it scans the whole index.
const ORPHANS_MS: u64 = 15 * 60_000;
/// After this long without a key intervals grow, in ms.
const IDLE_MS: u64 = 10 * 60_000;
/// The factor by which they grow.
const IDLE_FACTOR: u64 = 4;
/// One dashboard keeps a source busy for at most this part of the time: one in fifty.
const BUSY_PARTS: u64 = 50;
/// Rows of a detail's list, points of a chart.
const DETAIL_ROWS: u32 = 200;
const CHART_POINTS: u32 = 2_000;
/// Choices of a facet that its query may return.
const FACET_CHOICES: u32 = 500;
/// Ages on screen are redrawn this often, in ms; while something is late, every second.
const AGES_MS: u64 = 10_000;
/// How long at the start, in ms, what is not on screen waits at the most for what is: asked at once with all others, its
/// rows would come only when every connection is open.
const HEAD_START_MS: u64 = 250;
/// For this long after a write a target is read from the server that was written to, in ms.
const PRIMARY_MS: u64 = 30_000;

/// 1, 2, 4 .. 30 s, with a jitter of a tenth that differs from panel to panel; it never gives up. A server that cannot
/// be reached costs it nothing to be tried, so that one is tried at least every 5 s and its return is soon seen.
pub(super) fn backoff_ms(kind: FailureKind, attempt: u32, view: ViewId) -> u64 {
    let most = if kind == FailureKind::Unreachable { 5_000 } else { 30_000 };
    let base = (1_000_u64 << attempt.saturating_sub(1).min(5)).min(most);
    base + base / 100 * (view.0 as u64 * 37 % 11)
}

/// Whether the answer leaves rows of severity ok out. Views whose rows are judged in the program need them all.
pub(super) fn is_troubled(pack: &Pack, id: ViewId, part: Part) -> bool {
    let view = pack.view(id);
    let needs_all = view.is_judged_by_program() || pack.is_needed_whole(id) || view.files.is_some();
    part == Part::Summary && !needs_all
}

/// Asks everything that is due, first of the target on screen: it must not wait for the others.
pub(super) fn ask_what_is_due(model: &mut Model, effects: &mut Vec<Effect>) {
    for panel in model.targets.iter_mut().flat_map(|target| &mut target.panels) {
        effects.extend(panel.unwanted.drain(..).map(Effect::Cancel));
    }
    scope_list::ask(model, effects);
    ask_lists(model, model.at, effects);
    for other in (0..model.targets.len()).map(TargetId).filter(|other| *other != model.at).collect::<Vec<_>>() {
        ask_lists(model, other, effects);
    }
    if let Route::View(id) = model.target().route
        && model.target().may_ask(id)
    {
        ask_counts(model, id, effects);
        ask_choices(model, id, effects);
        ask_enrichments(model, id, effects);
        ask_detail(model, id, effects);
    }
}

/// Has all of a panel asked at once, whatever its intervals.
pub(super) fn hurry(panel: &mut Panel, now: Monotonic) {
    panel.hurry = true;
    // What failed stays marked until it answers.
    panel.failed.values_mut().for_each(|(_, until)| *until = now);
    panel.asked_at.retain(|part, _| !matches!(part, Part::Choices(_)));
    if let Load::Failed { retry_at, .. } = &mut panel.load {
        *retry_at = now;
    }
    if let Some(detail) = &mut panel.detail {
        detail.due_at = Monotonic::default();
    }
}

fn ask_lists(model: &mut Model, at: TargetId, effects: &mut Vec<Effect>) {
    for id in (0..model.targets[at.0].panels.len()).map(ViewId) {
        if let Some((part, due)) = list_due(model, at, id)
            && due <= model.clock.mono
        {
            ask_list(model, at, id, part, effects);
        }
        retry_store(model, at, id, effects);
    }
}

/// Which question a panel's list would be asked next, and when; `None` when it is not wanted or already asked.
fn list_due(model: &Model, at: TargetId, id: ViewId) -> Option<(Part, Monotonic)> {
    let target = &model.targets[at.0];
    let panel = target.panel(id);
    let (part, interval) = wanted(model, at, id)?;
    // What is being asked is not asked again, however much of a hurry there is: it would only start anew.
    if panel.awaited.contains_key(&part) {
        return None;
    }
    // Without a screen everything is asked once: a script asks again by running the program again.
    if !model.demand.is_screen() && panel.asked_at.contains_key(&part) {
        return None;
    }
    let is_begun =
        part == Part::List && panel.has_first_rows_alone(target.pack.view(id).limit) && panel.failure().is_none();
    if panel.hurry || is_begun {
        return Some((part, Monotonic::default()));
    }
    if model.paused.is_some() && panel.asked_at.contains_key(&part) {
        return None;
    }
    let source = &target.sources[target.pack.view(id).source.0];
    let due = match (&panel.load, panel.asked_at.get(&part)) {
        // Another target's trouble is not urgent enough to be asked about more often than its rows. Once its source
        // answers again there is no reason left to call them old.
        (Load::Failed { failure, retry_at, .. }, Some(asked))
            if at != model.at && !(failure.kind.is_of_source() && source.trouble.is_none()) =>
        {
            asked.plus(interval).max(*retry_at)
        }
        (Load::Failed { retry_at, .. }, _) => *retry_at,
        (_, None) if gives_way(model, at, id) => Monotonic::default().plus(HEAD_START_MS),
        (_, None) => Monotonic::default(),
        (_, Some(asked)) => asked.plus(interval),
    };
    Some((part, due))
}

/// Whether a panel is not on screen while what is there has not come. What an open list joins to its rows belongs to it.
fn gives_way(model: &Model, at: TargetId, id: ViewId) -> bool {
    let shown = model.target();
    if at != model.at {
        return shown.panels.iter().any(|panel| !panel.awaited.is_empty());
    }
    let Route::View(open) = shown.route else { return false };
    let is_joined = shown.pack.joined_by(shown.pack.view(open)).any(|joined| joined.id == shown.pack.view(id).id);
    let is_waited_for = matches!(shown.panel(open).load, Load::Never | Load::Waiting) && model.demand.is_screen();
    id != open && !is_joined && is_waited_for
}

/// What a panel is wanted for now, and how often in ms.
fn wanted(model: &Model, at: TargetId, id: ViewId) -> Option<(Part, u64)> {
    let target = &model.targets[at.0];
    let is_on_screen = at == model.at;
    if !(is_on_screen || target.watched && model.demand.is_screen()) {
        return None;
    }
    if !target.may_ask(id) {
        return None;
    }
    let view = target.pack.view(id);
    let is_open = is_on_screen && target.route == Route::View(id);
    let judges = |other: ViewId| {
        let by = |enrich: &opsdash_pack::pack::Enrich| matches!(&enrich.by, EnrichBy::View { view, .. } if *view == id);
        target.pack.view(other).enrich.iter().any(by)
    };
    let (part, interval) = if is_open {
        (Part::List, view.refresh_ms)
    } else if view.hidden {
        let served = (0..target.panels.len()).map(ViewId).filter(|other| judges(*other));
        let told = target.pack.facts == Some(id)
            && target.route == Route::Overview
            && at == model.at
            && model.demand.is_screen();
        let told = told.then_some(OVERVIEW_MS);
        let counted = model.demand.counts(id).then_some(view.refresh_ms);
        let ticks = (model.shows_runbook_of(at) && target.pack.runbook.judges().any(|judge| judge == id))
            .then_some(OVERVIEW_MS);
        let served = served.filter_map(|other| wanted(model, at, other)).map(|(_, interval)| interval);
        let interval = served.chain(told).chain(counted).chain(ticks).min()?;
        (Part::List, interval.max(view.refresh_ms))
    } else if !model.demand.is_screen() && !is_counted(model, id, judges) {
        return None;
    } else {
        let is_looked_at = is_on_screen && target.route == Route::Overview;
        let rate = if is_looked_at { view.refresh_ms.max(OVERVIEW_MS) } else { SUMMARY_MS };
        (Part::Summary, rate)
    };
    Some((part, stretched(model, target, view.source, interval)))
}

/// Whether the shell asks for a tab's counts: for their own sake, or because they judge the rows of what it asks for.
fn is_counted(model: &Model, id: ViewId, judges: impl Fn(ViewId) -> bool) -> bool {
    match &model.demand {
        Demand::Screen => true,
        Demand::Once { view, .. } => judges(*view),
        Demand::Counts(views) => views.contains(&id) || views.iter().copied().any(judges),
    }
}

/// An interval, longer where the source would be kept busy or nobody is there.
fn stretched(model: &Model, target: &TargetState, source: SourceId, interval: u64) -> u64 {
    let mine = target.panels.iter().filter(|panel| target.pack.view(panel.view).source == source);
    // Busy ms in every 1000 s, if each panel were asked as its pack says.
    let busy: u64 = mine
        .map(|panel| {
            let took = panel.default_snapshot().or(panel.list_snapshot()).map_or(0, |snapshot| snapshot.took_ms);
            took * 1_000_000 / target.pack.view(panel.view).refresh_ms.max(1)
        })
        .sum();
    let allowed = 1_000_000 / BUSY_PARTS;
    let interval = if busy > allowed { interval * busy / allowed } else { interval };
    if model.clock.mono.since(model.last_key) > IDLE_MS && model.demand.is_screen() {
        interval * IDLE_FACTOR
    } else {
        interval
    }
}

fn ask_list(model: &mut Model, at: TargetId, id: ViewId, part: Part, effects: &mut Vec<Effect>) {
    let pack = model.targets[at.0].pack.clone();
    let view = pack.view(id);
    let troubled = is_troubled(&pack, id, part);
    let limit = if troubled { SUMMARY_ROWS.min(view.limit) } else { view.limit };
    let bind = bind(&model.targets[at.0], id, part);
    let panel = &mut model.targets[at.0].panels[id.0];
    if panel.hurry {
        // Whoever is in a hurry has changed something, or wants to know it anew.
        panel.counted = None;
    }
    let shape = match &panel.snapshot {
        _ if part != Part::List || !model.demand.is_screen() || !view.is_ordered(&bind.values) => {
            ResultShape::list(view, limit, troubled)
        }
        None => ResultShape::uncounted(view, limit.min(FIRST_ROWS)),
        Some(_) => ResultShape::uncounted(view, limit),
    };
    ask(model, at, id, part, statement(&view.query, bind, shape), effects);
    if let Some(files) = &view.files {
        ask_store(model, at, id, files.bucket.clone(), view.limit, effects);
    }
    let now = model.clock.mono;
    let panel = &mut model.targets[at.0].panels[id.0];
    panel.hurry = false;
    panel.asked_at.insert(part, now);
    if panel.load == Load::Never {
        panel.load = Load::Waiting;
    }
}

/// The counts of the open list, where its rows came without them: at their own pace, for they may take long.
fn ask_counts(model: &mut Model, id: ViewId, effects: &mut Vec<Effect>) {
    if counts_due(model).is_none_or(|due| due > model.clock.mono) {
        return;
    }
    let pack = model.pack().clone();
    let view = pack.view(id);
    let question = statement(&view.query, bind(model.target(), id, Part::List), ResultShape::list(view, 1, false));
    ask(model, model.at, id, Part::Counts, question, effects);
}

/// When the counts of the open list are asked for next; `None` when its rows came with them, or they are on their way.
fn counts_due(model: &Model) -> Option<Monotonic> {
    let panel = model.panel()?;
    let is_wanted = panel.snapshot.as_ref().is_some_and(|snapshot| snapshot.uncounted) && model.demand.is_screen();
    let is_held = model.paused.is_some() && panel.counted.is_some();
    if !is_wanted || is_held || panel.awaited.contains_key(&Part::Counts) {
        return None;
    }
    let rests_until = panel.failed.get(&Part::Counts).map_or(Monotonic::default(), |(_, until)| *until);
    let due = panel.counted.as_ref().map_or(Monotonic::default(), |counted| {
        counted.at.plus(counts_interval(model.pack().view(panel.view), counted.took_ms))
    });
    Some(due.max(rests_until))
}

/// How often a view's counts are asked for, in ms: as its rows, unless that kept the server busy.
fn counts_interval(view: &View, took_ms: u64) -> u64 {
    view.refresh_ms.max(took_ms.saturating_mul(BUSY_PARTS))
}

/// Puts the counts beside rows that came without them, as long as they fit these rows and are not old.
pub(super) fn put_counts(panel: &mut Panel, view: &View, now: Monotonic) {
    let (Some(snapshot), Some(counted)) = (&mut panel.snapshot, &panel.counted) else { return };
    let is_new = now.since(counted.at) <= COUNTS_KEPT * counts_interval(view, counted.took_ms);
    if snapshot.uncounted && is_new && counted.counts.total() > snapshot.rows.len() as u64 {
        (snapshot.counts, snapshot.own_counts) = (counted.counts, counted.counts);
        snapshot.reasons.clone_from(&counted.reasons);
        snapshot.own_reasons.clone_from(&counted.reasons);
    }
}

fn ask_store(model: &mut Model, at: TargetId, id: ViewId, bucket: String, limit: u32, effects: &mut Vec<Effect>) {
    let now = model.clock.mono;
    let panel = model.targets[at.0].panel(id);
    let is_late = panel.awaited.contains_key(&Part::Store);
    let rests = panel.failed.get(&Part::Store).is_some_and(|(_, until)| *until > now);
    if !is_late && !rests {
        let orphans = panel.store.orphans_at.is_none_or(|at| now.since(at) >= ORPHANS_MS);
        ask(model, at, id, Part::Store, Question::Store { bucket, orphans, limit }, effects);
    }
}

/// A store that failed is asked again by itself: its catalog, on another source, may not be due for long.
///
/// That of another target waits for its catalog.
fn retry_store(model: &mut Model, at: TargetId, id: ViewId, effects: &mut Vec<Effect>) {
    let target = &model.targets[at.0];
    let is_failed = target.panel(id).failed.contains_key(&Part::Store);
    if at != model.at || !is_failed || model.paused.is_some() || !model.demand.is_screen() {
        return;
    }
    let pack = target.pack.clone();
    let view = pack.view(id);
    if let Some(files) = &view.files
        && wanted(model, at, id).is_some()
    {
        ask_store(model, at, id, files.bucket.clone(), view.limit, effects);
    }
}

/// Enrichments with a query of their own, for the rows on screen that have none yet.
fn ask_enrichments(model: &mut Model, id: ViewId, effects: &mut Vec<Effect>) {
    let pack = model.pack().clone();
    let view = pack.view(id);
    let rows = geometry::list_rows(model);
    for (at, enrich) in view.enrich.iter().enumerate() {
        let EnrichBy::Query(query) = &enrich.by else { continue };
        let part = Part::Enrich(at);
        let panel = model.target().panel(id);
        let rests = panel.failed.get(&part).is_some_and(|(_, until)| *until > model.clock.mono);
        if rests || panel.awaited.contains_key(&part) {
            continue;
        }
        let Some(snapshot) = &panel.snapshot else { continue };
        let on_screen = panel.list.on_screen(rows).filter_map(|place| snapshot.rows.get(place));
        // A database that did not answer would only be waited for again.
        let silent = snapshot.silent();
        let is_silent = |row: &Row| row.key.is_of_member(&silent, view.row_key.len());
        let unasked = on_screen.filter(|row| row.enriched & (1 << at) == 0 && !is_silent(row));
        let keys: Vec<_> = unasked.map(|row| row.key.clone()).collect();
        if keys.is_empty() {
            continue;
        }
        let limit = u32::try_from(keys.len()).unwrap_or(u32::MAX);
        let mut bind = bind(model.target(), id, Part::List);
        bind.keys.clone_from(&keys);
        model.target_mut().panels[id.0].enriching.insert(at, keys.into_iter().collect());
        ask(model, model.at, id, part, statement(query, bind, ResultShape::Rows { limit }), effects);
    }
}

/// The choices of facets that have a query: once, and anew when the list of facets opens. Without a screen, only where a
/// choice was made, to know whether it is one.
fn ask_choices(model: &mut Model, id: ViewId, effects: &mut Vec<Effect>) {
    let pack = model.pack().clone();
    let view = pack.view(id);
    for (at, facet) in view.facets.iter().enumerate() {
        let Some(query) = &facet.query else { continue };
        let part = Part::Choices(at);
        let panel = model.target().panel(id);
        let is_wanted = model.demand.is_screen() || panel.choices.facets[at].is_some();
        if !is_wanted || panel.awaited.contains_key(&part) || panel.asked_at.contains_key(&part) {
            continue;
        }
        let bind = Bind { values: view.thresholds.clone(), keys: Vec::new() };
        ask(model, model.at, id, part, statement(query, bind, ResultShape::Rows { limit: FACET_CHOICES }), effects);
        let now = model.clock.mono;
        model.target_mut().panels[id.0].asked_at.insert(part, now);
    }
}

fn ask_detail(model: &mut Model, id: ViewId, effects: &mut Vec<Effect>) {
    let now = model.clock.mono;
    let pack = model.pack().clone();
    let view = pack.view(id);
    if detail_due(model).is_none_or(|due| due > now) {
        return;
    }
    let panel = &mut model.target_mut().panels[id.0];
    let Some(detail) = panel.detail.as_mut() else { return };
    detail.due_at = now.plus(view.refresh_ms.max(OVERVIEW_MS));
    let (key, window) = (detail.key.clone(), detail.window);
    ask_chunks(model, id, view, effects);
    let panel = &mut model.target_mut().panels[id.0];
    let Some(key) = detail::key_of_query(view, &key) else {
        detail::show_row_alone(panel, view);
        return;
    };
    let Some(known) = &view.detail else { return };
    let mut bind = bind(model.target(), id, Part::Detail);
    bind.values.insert("key".to_owned(), key.to_owned());
    // What is being asked is not asked again: an answer slower than the interval would never come.
    let mut ask = |model: &mut Model, part: Part, question: Question| {
        if !model.target().panel(id).awaited.contains_key(&part) {
            ask(model, model.at, id, part, question, effects);
        }
    };
    if let Some(query) = &known.query {
        ask(model, Part::Detail, statement(query, bind.clone(), ResultShape::Rows { limit: 1 }));
    }
    for (at, list) in known.lists.iter().enumerate() {
        let question = statement(&list.query, bind.clone(), ResultShape::Rows { limit: DETAIL_ROWS });
        ask(model, Part::DetailList(at), question);
    }
    for (at, chart) in known.charts.iter().enumerate() {
        if let Some(window) = chart.windows.get(window % chart.windows.len().max(1)) {
            bind.values.insert("window".to_owned(), window.clone());
        }
        let question = statement(&chart.query, bind.clone(), ResultShape::Rows { limit: CHART_POINTS });
        ask(model, Part::Chart(at), question);
    }
}

/// Which chunks of the file of the open row are there. Of a row without a file, or without chunks, there is nothing to
/// ask.
fn ask_chunks(model: &mut Model, id: ViewId, view: &View, effects: &mut Vec<Effect>) {
    let panel = &mut model.target_mut().panels[id.0];
    let is_asked = panel.awaited.contains_key(&Part::Chunks);
    let file = detail::stored_file(panel, view);
    let question = file.as_ref().zip(view.files.as_ref()).and_then(|(file, files)| {
        let (expected, width) = catalog::chunk_parts(file)?;
        Some(Question::Chunks { bucket: files.bucket.clone(), file: file.address().to_owned(), expected, width })
    });
    match (question, &mut panel.detail) {
        (Some(question), _) if !is_asked => ask(model, model.at, id, Part::Chunks, question, effects),
        (None, Some(detail)) => detail.chunks = Loadable::Here(Table::default()),
        _ => {}
    }
}

/// When the open detail is asked for next; `None` when none is on screen, or a pause holds what is there.
fn detail_due(model: &Model) -> Option<Monotonic> {
    let detail = model.panel()?.detail.as_ref()?;
    (model.paused.is_none() || detail.is_awaited()).then_some(detail.due_at)
}

fn statement(statement: &Arc<Statement>, bind: Bind, shape: ResultShape) -> Question {
    Question::Statement { statement: statement.clone(), bind, shape }
}

/// Values for a view's parameters. A summary is asked under the default choices, whatever the tab shows.
fn bind(target: &TargetState, id: ViewId, part: Part) -> Bind {
    let view = target.pack.view(id);
    let choices = &target.panel(id).choices;
    let mut values = view.thresholds.clone();
    for (at, facet) in view.facets.iter().enumerate() {
        let chosen = choices.facets[at].as_deref().filter(|_| part != Part::Summary);
        values.insert(facet.name.clone(), chosen.unwrap_or(facet.default_choice()).to_owned());
    }
    if part != Part::Summary {
        values.extend(choices.given.iter().map(|given| (given.name.clone(), given.value.clone())));
        if !choices.search.is_empty() {
            values.insert("search".to_owned(), choices.search.clone());
        }
    }
    Bind { values, keys: Vec::new() }
}

/// Sends a question, within the scope that is chosen; one that the same panel asked before and that nobody waits for any
/// more is stopped.
fn ask(model: &mut Model, at: TargetId, view: ViewId, part: Part, mut question: Question, effects: &mut Vec<Effect>) {
    let ticket = model.ticket();
    let target = &mut model.targets[at.0];
    let source = part.source(target.pack.view(view));
    if let Some(late) = target.panels[view.0].awaited.insert(part, ticket) {
        effects.push(Effect::Cancel(late));
    }
    let has_written = target.wrote_at.is_some_and(|at| model.clock.mono.since(at) < PRIMARY_MS);
    let statement_ms = target.source(source).timeout_ms;
    let chosen = target.scope_of(view);
    if let (Question::Statement { bind, .. }, Some(id)) = (&mut question, chosen.and_then(ScopeChoice::id)) {
        bind.values.insert(SCOPE.to_owned(), id.to_owned());
    }
    let within = match question {
        Question::Statement { .. } => crate::scope::within(&target.pack, target.pack.view(view), chosen),
        // Stores of files have no row-level security.
        Question::Store { .. } | Question::Chunks { .. } => Within::default(),
    };
    let mut read = Read::new(Address { view, part }, ticket, source, question, statement_ms);
    read.within = within;
    contract::put_to_members(&mut read, &target.pack, target.pack.view(view));
    if has_written {
        read.freshness = Freshness::Primary;
    }
    effects.push(Effect::Query { target: at, read: Box::new(read) });
}

/// When there is something to do or to redraw although nothing happens, by the clock as the program reads it; `None` when
/// never.
#[must_use]
pub fn next_wake(model: &Model) -> Option<Monotonic> {
    let now = model.clock.mono;
    let targets = model.targets.iter().enumerate();
    let panels = targets.flat_map(|(at, target)| (0..target.panels.len()).map(move |id| (TargetId(at), ViewId(id))));
    let lists = panels.filter_map(|(at, id)| list_due(model, at, id)).map(|(_, due)| due);
    let rests = model.target().panels.iter().flat_map(|panel| panel.failed.values()).map(|(_, until)| *until);
    let rests = rests.filter(|until| *until > now);
    let notice = model.notice.iter().map(|notice| notice.at.plus(NOTICE_MS)).filter(|end| *end > now);
    let redraw = now.plus(if is_late(model) { 1_000 } else { AGES_MS });
    let own = [unlock::locks_at(model), snooze::wakes_at(model), model.leaving].into_iter().flatten();
    let scopes = (0..model.targets.len()).filter_map(|at| scope_list::due(model, TargetId(at)));
    let all =
        lists.chain(scopes).chain(counts_due(model)).chain(detail_due(model)).chain(rests).chain(notice).chain(own);
    all.chain([redraw]).min().map(|at| Monotonic(at.0.saturating_sub(model.slept_ms)))
}

/// Whether something on screen counts seconds: a source in trouble, an answer that takes long.
fn is_late(model: &Model) -> bool {
    let failed = model.panel().is_some_and(|panel| panel.failure().is_some());
    let is_troubled = |target: &TargetState| target.sources.iter().any(|source| source.trouble.is_some());
    let is_waiting = |panel: &Panel| {
        let asked = panel.asked_at.values().max();
        !panel.awaited.is_empty() && asked.is_some_and(|asked| model.clock.mono.since(*asked) > 1_000)
    };
    let others = model.target().route == Route::Overview && model.watched().any(|(_, target)| is_troubled(target));
    failed || others || is_troubled(model.target()) || model.target().panels.iter().any(is_waiting)
}

/// Whether nothing that this view needs is still awaited: what the shell waits for before it prints.
#[must_use]
pub fn is_settled(model: &Model, id: ViewId) -> bool {
    let target = model.target();
    let panel = target.panel(id);
    let answered = panel.snapshot.is_some() || panel.summary.is_some() || panel.failure().is_some();
    let judges = target.pack.view(id).enrich.iter().filter_map(|enrich| match &enrich.by {
        EnrichBy::View { view, .. } => Some(*view),
        EnrichBy::Query(_) => None,
    });
    // A judge that holds a catalog against a store has judged when the store has answered too.
    let has_judged = |other: &Panel| (other.is_fresh() || other.failure().is_some()) && other.awaited.is_empty();
    let have_judges = judges.map(|view| target.panel(view)).all(has_judged);
    let detail = panel.detail.as_ref().is_none_or(|detail| detail.fields != Loadable::Awaited);
    answered && have_judges && detail && panel.awaited.is_empty() && model.keeping_days == 0
}
