//! A card per tab, and one list of what needs somebody.

use opsdash_pack::pack::{BRIEF, SourceId, Tab, Tone, ViewId};

use super::{Emphasis, Glyphs, Line, dim, fit, justify, plain, span, tab::TabSummary, targets, width_of};
use crate::{
    attention, format, geometry,
    model::{Model, Panel, TargetState},
    text,
    time::Monotonic,
    value::Severity,
};

/// A card is not drawn wider than this: the eye should not have to travel.
const WIDEST_CARD: usize = 28;

/// The body of the overview, one line each.
#[must_use]
pub fn lines(model: &Model) -> Vec<Line> {
    let mut lines = targets::lines(model);
    lines.extend(cards(model));
    lines.push(heading(model));
    lines.extend(rows(model));
    lines
}

fn cards(model: &Model) -> Vec<Line> {
    let per_line = usize::from(geometry::cards_per_line(model));
    let most = per_line * usize::from(geometry::card_lines(model));
    let tabs: Vec<Tab> = model.target().pack.tab_line().into_iter().take(most).collect();
    let wide = (usize::from(model.size.0) / per_line.min(tabs.len()).max(1)).min(WIDEST_CARD);
    let is_low = geometry::are_cards_low(model);
    let mut lines: Vec<Line> = tabs
        .chunks(per_line)
        .flat_map(|chunk| {
            let cards: Vec<[Line; 3]> = chunk.iter().map(|tab| card(model, tab, wide.saturating_sub(1))).collect();
            let line = |at: usize| cards.iter().flat_map(|card| padded(card[at].clone(), wide)).collect();
            if is_low { vec![line(0), line(1)] } else { vec![line(0), line(1), line(2), Line::new()] }
        })
        .collect();
    if is_low && !lines.is_empty() {
        lines.push(Line::new());
    }
    // The blank line below the cards has room for them.
    if let Some(last) = lines.last_mut() {
        *last = facts(model);
    }
    lines
}

/// What the pack's facts say in brief, as many whole ones as there is room for.
fn facts(model: &Model) -> Line {
    let target = model.target();
    let Some(id) = target.pack.facts else { return Line::new() };
    let (view, panel) = (target.pack.view(id), target.panel(id));
    let glyphs = Glyphs::of(model.appearance.ascii);
    let mut line = vec![plain(" ")];
    let mut between = String::new();
    match (panel.default_snapshot(), panel.failure()) {
        (None, None) => return Line::new(),
        (None, Some(failure)) => line.push(span(format!("? {}: {}", view.title, failure.kind.word()), Tone::Unknown)),
        (Some(snapshot), Some(_)) => {
            let age = format::short(i64::try_from(model.clock.mono.since(snapshot.at)).unwrap_or(i64::MAX));
            line.push(span(format!("{} {age} old ", glyphs.stale), Tone::Unknown));
        }
        (Some(_), None) => {}
    }
    let rows = panel.default_snapshot().map_or(&[][..], |snapshot| &snapshot.rows);
    let room = usize::from(model.size.0).saturating_sub(1);
    let briefs =
        view.column(BRIEF).into_iter().flat_map(|at| rows.iter().filter_map(move |row| row.cells[at].as_text()));
    for brief in briefs.filter(|brief| !brief.is_empty()) {
        let said = format!("{between}{}", format::line(brief));
        if width_of(&line) + text::width(&said) > room {
            break;
        }
        line.push(dim(said));
        between = format!(" {} ", glyphs.between);
    }
    fit(line, usize::from(model.size.0), glyphs.ellipsis)
}

fn padded(mut line: Line, wide: usize) -> Line {
    line.insert(0, plain(" "));
    let pad = wide.saturating_sub(width_of(&line));
    line.push(plain(" ".repeat(pad)));
    line
}

/// Title, counts, worst row.
fn card(model: &Model, tab: &Tab, wide: usize) -> [Line; 3] {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let cut = |line: Line| fit(line, wide.saturating_sub(1), glyphs.ellipsis);
    let title = vec![span(tab.title, Tone::Strong).with(Emphasis::Bold)];
    let summary = TabSummary::of(model.target(), &tab.views);
    [cut(title), cut(state(model, &summary, glyphs, wide.saturating_sub(1))), cut(worst(model.target(), tab))]
}

/// Counts; where the last asking failed, how old they are, or that nothing is known.
fn state(model: &Model, summary: &TabSummary, glyphs: &Glyphs, wide: usize) -> Line {
    let mut line = match (summary.unknown, summary.old_since) {
        (Some(kind), _) => vec![span(format!("? {}", kind.word()), Tone::Unknown)],
        (None, Some(since)) => {
            let age = format::short(i64::try_from(model.clock.mono.since(since)).unwrap_or(i64::MAX));
            vec![span(format!("{} {age} old", glyphs.stale), Tone::Unknown)]
        }
        (None, None) if summary.is_asking => vec![dim("asking")],
        (None, None) if summary.counts().total() == 0 => return vec![dim("none")],
        (None, None) => {
            let counts = glyphs.counts(summary.fresh, true);
            // Half a number would be a wrong number: how many are ok is what can be missed.
            return if width_of(&counts) > wide { glyphs.counts(summary.fresh, false) } else { counts };
        }
    };
    let counts = glyphs.counts(summary.counts(), false);
    if summary.has_answer && !counts.is_empty() {
        line.push(plain("  "));
        line.extend(counts);
    }
    line
}

/// The worst row of the tab's views, the first of several.
fn worst(target: &TargetState, tab: &Tab) -> Line {
    let first_of = |view: &ViewId| {
        let panel = target.panel(*view);
        let row = panel.default_snapshot()?.rows.iter().find(|row| !panel.snoozed.contains_key(&row.key));
        row.map(|row| (*view, row))
    };
    // The last one of equals is what `max_by_key` takes.
    let row = tab.views.iter().rev().filter_map(first_of).max_by_key(|(_, row)| row.severity);
    match row.filter(|(_, row)| row.severity.is_trouble()) {
        Some((view, row)) => vec![dim(format::label(target.pack.view(view), row))],
        None => Line::new(),
    }
}

fn heading(model: &Model) -> Line {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let left = vec![plain(" "), span("Attention", Tone::Strong).with(Emphasis::Bold)];
    let told = attention::told(&attention::lines(model));
    let (total, may_be_more) = attention::total(model);
    let said = match total {
        0 => String::new(),
        _ if may_be_more => format!("{} of {}+ rows ", format::thousands(told), format::thousands(total)),
        1 => "1 row ".to_owned(),
        _ if told >= total => format!("{} rows ", format::thousands(total)),
        _ => format!("{} of {} rows ", format::thousands(told), format::thousands(total)),
    };
    let said = match attention::snoozed(model) {
        0 => said,
        n => format!("{n} snoozed, {said}"),
    };
    justify(left, vec![dim(said)], usize::from(model.size.0), glyphs.ellipsis)
}

fn rows(model: &Model) -> Vec<Line> {
    let attention = attention::lines(model);
    if attention.is_empty() {
        return calm(model);
    }
    let list = &model.attention;
    let shown =
        attention.iter().enumerate().skip(list.top).take(geometry::list_rows(model).min(usize::from(model.size.1)));
    let texts: Vec<OverviewTexts> =
        shown.filter_map(|(at, line)| OverviewTexts::of(model, line, at == list.cursor)).collect();
    let titles = attention.iter().map(|line| text::width(title(model, line))).max().unwrap_or(0);
    let target = texts.first().map_or(0, |texts| text::width(&texts.target));
    let room = usize::from(model.size.0).saturating_sub(target + titles + if titles == 0 { 4 } else { 6 });
    // One place for all reasons, so that the eye can run down them; a long name gives way to its reason.
    let names = texts.iter().map(|texts| text::width(&texts.name)).max().unwrap_or(0).min(room * 11 / 20);
    let rows = texts.iter().map(|texts| row(model, texts, titles, names));
    // Sources alone are no rows: what is known of these is still to be said.
    let calm = if attention.iter().all(|line| line.source.is_some()) { calm(model) } else { Vec::new() };
    rows.chain(calm).collect()
}

/// The title of a line's view, or the name of its source; of several targets on a narrow screen, which one it is says more.
fn title<'a>(model: &'a Model, line: &attention::AttentionItem) -> &'a str {
    let is_left_out = model.size.0 < targets::NARROW && model.watches_several();
    let pack = &model.targets[line.target.0].pack;
    match line.source {
        _ if is_left_out => "",
        Some(source) => &pack.source(source).name,
        None => &pack.view(line.view).title,
    }
}

/// Nothing needs somebody, as far as is known: a view that did not answer is not calm, and what to do stands below.
fn calm(model: &Model) -> Vec<Line> {
    let asked: Vec<(&TargetState, &Panel)> = targets::asked(model).collect();
    let mut said = Vec::new();
    if let Some((target, failure)) = asked.iter().find_map(|(target, panel)| Some((target, panel.failure()?))) {
        let unknown = "Nothing is known to need attention, but not every view answered.";
        let whose = if model.watches_several() { format!("{}: ", target.name) } else { String::new() };
        said.push((unknown.to_owned(), Tone::Unknown));
        // The line of the source has said why.
        if !failure.kind.is_of_source() {
            said.push((format!("{whose}{failure}"), Tone::Warn));
        }
        said.push((failure.hint().to_owned(), Tone::Dim));
    } else if asked.iter().all(|(_, panel)| panel.default_snapshot().is_some()) {
        let told = match attention::snoozed(model) {
            0 => "Nothing needs attention.".to_owned(),
            n => format!("Nothing else needs attention: {} snoozed.", format::rows(n)),
        };
        said.push((told, Tone::Ok));
    } else {
        said.push(("asking".to_owned(), Tone::Dim));
    }
    let cells = usize::from(model.size.0).saturating_sub(3);
    let wrapped = said.into_iter().flat_map(|(text, tone)| {
        text::wrap(&text, cells).into_iter().map(move |line| vec![plain("  "), span(line, tone)])
    });
    wrapped.map(|line| fit(line, usize::from(model.size.0), "")).collect()
}

/// What a line of the list says.
struct OverviewTexts<'a> {
    /// Empty where there is one target.
    target: String,
    title: &'a str,
    name: String,
    why: String,
    severity: Severity,
    is_current: bool,
    /// How old it is, where it is.
    age: Option<String>,
}

impl<'a> OverviewTexts<'a> {
    fn of(model: &'a Model, line: &attention::AttentionItem, is_current: bool) -> Option<Self> {
        let target = &model.targets[line.target.0];
        let (view, panel) = (target.pack.view(line.view), target.panel(line.view));
        let target_name = targets::name_before(model, line.target);
        if let Some(source) = line.source {
            let (name, why) = silent(model, target, source);
            let severity = Severity::Unknown;
            let title = title(model, line);
            return Some(Self { target: target_name, title, name, why, severity, is_current, age: None });
        }
        let known = panel.default_snapshot()?.rows.get(line.row)?;
        let (name, why) = match &line.many {
            None if line.is_echo => (format!("+ {}", format::label(view, known)), format::line(&known.why)),
            None => (format::label(view, known), format::line(&known.why)),
            Some(many) if line.is_rest => {
                (format!("and {} more in {}", format::thousands(many.rows), view.title), String::new())
            }
            Some(many) if line.is_echo => (echoes(many.rows), many.reason.clone()),
            Some(many) => flooded(target, line.view, many),
        };
        let age = target.old_since(line.view).map(|since| age(model, since));
        let (title, severity) = (title(model, line), known.severity);
        Some(Self { target: target_name, title, name, why, severity, is_current, age })
    }
}

fn row(model: &Model, texts: &OverviewTexts, titles: usize, names: usize) -> Line {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let cursor = if texts.is_current { span(glyphs.cursor, Tone::Accent) } else { plain(" ") };
    let stale = if texts.age.is_some() { span(glyphs.stale, Tone::Unknown) } else { plain(" ") };
    let emphasis = if texts.is_current { Emphasis::Bold } else { Emphasis::None };
    let name = text::cut(&texts.name, names, glyphs.ellipsis).into_owned();
    let pad = " ".repeat(names - text::width(&name) + 2);
    let line = vec![
        cursor,
        glyphs.severity(texts.severity),
        stale,
        plain(&*texts.target),
        dim(if titles == 0 { String::new() } else { format!("{:titles$}  ", texts.title) }),
        plain(name).with(emphasis),
        plain(pad),
        span(texts.age.as_ref().map_or(String::new(), |age| format!("{age} old  ")), Tone::Unknown),
        span(&*texts.why, super::tone_of(texts.severity)),
    ];
    fit(line, usize::from(model.size.0), glyphs.ellipsis)
}

/// What is wrong with a source, since when, and what is not known because of it.
fn silent(model: &Model, target: &TargetState, source: SourceId) -> (String, String) {
    if target.source(source).trouble.is_none()
        && let Some((_, why)) = attention::why_unchosen(target)
    {
        let views: Vec<ViewId> = attention::scoped(target).collect();
        return (why.message, format!("not known: {}", titles_of(target, &views)));
    }
    let (kind, since) = target.source(source).trouble.unzip();
    let name = match (kind, since) {
        (Some(kind), Some(since)) => format!("{} for {}", kind.word(), age(model, since)),
        _ => String::new(),
    };
    let views = attention::resting_on(target, source);
    let known = views.iter().filter(|view| target.panel(**view).default_snapshot().is_some()).count();
    let state = if known == 0 { "not known" } else { "old" };
    let why = attention::why_dead(target, source).map_or(String::new(), |failure| format!("; {}", failure.message));
    (name, format!("{state}: {}{why}", titles_of(target, &views)))
}

/// The first few of these views by their titles.
fn titles_of(target: &TargetState, views: &[ViewId]) -> String {
    const NAMED: usize = 3;
    let titles: Vec<&str> = views.iter().take(NAMED).map(|view| &*target.pack.view(*view).title).collect();
    let more = if views.len() > NAMED { format!(" and {} more", views.len() - NAMED) } else { String::new() };
    format!("{}{more}", titles.join(", "))
}

fn age(model: &Model, since: Monotonic) -> String {
    format::short(i64::try_from(model.clock.mono.since(since)).unwrap_or(i64::MAX))
}

/// More than half of a view in one line. Where they differ, the place is left open.
fn flooded(target: &TargetState, view: ViewId, many: &attention::ManyRows) -> (String, String) {
    let total = target.panel(view).default_snapshot().map_or(many.rows, |snapshot| snapshot.counts.total());
    let name = format!("{} of {}", format::thousands(many.rows), format::thousands(total));
    (name, format!("{}: one cause?", many.reason))
}

/// Rows that follow from those above them, in one line.
fn echoes(rows: u64) -> String {
    format!("+ {} echo{}", format::thousands(rows), if rows == 1 { "" } else { "es" })
}
