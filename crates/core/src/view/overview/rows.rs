//! The list of what needs somebody: what broke, whom it hurts and, beneath the line with the cursor, what to do.

use opsdash_pack::{
    command::Command,
    pack::{SourceId, Tone, ViewId},
};

use super::super::{Emphasis, Glyphs, Line, dim, fit, justify, plain, remedy, span, targets, tone_of};
use crate::{
    attention::{self, AttentionItem, LineKind, ManyRows},
    format, geometry,
    model::{Model, Panel, TargetState},
    text,
    time::Monotonic,
    value::{Severity, Value},
};

/// From this width on it is said how long ago a cause began.
const ROOMY: u16 = 110;

pub(super) fn rows(model: &Model, attention: &[AttentionItem]) -> Vec<Line> {
    if attention.is_empty() && model.attention.list.narrowing.filter.is_some() {
        let back = model.keymap.key_of(Command::Back);
        let said = vec![plain("  "), dim(format!("No line passes the filter; {back} clears it."))];
        return vec![fit(said, usize::from(model.size.0), "")];
    }
    if attention.is_empty() {
        return calm(model);
    }
    let list = &model.attention.list;
    let remedy = attention.get(list.cursor).and_then(|line| what_to_do(model, line));
    let height = geometry::list_rows(model) + usize::from(remedy.is_none() && geometry::remedy_rows(model) > 0);
    let shown = attention.iter().enumerate().skip(list.top).take(height.min(usize::from(model.size.1)));
    let texts: Vec<LineTexts> = shown.filter_map(|(at, line)| LineTexts::of(model, line, at == list.cursor)).collect();
    // Of what is on screen alone: one long title far below takes no room from the names here.
    let titles = texts.iter().map(|texts| text::width(texts.title)).max().unwrap_or(0);
    let target = texts.first().map_or(0, |texts| text::width(&texts.target));
    let room = usize::from(model.size.0).saturating_sub(target + titles + if titles == 0 { 4 } else { 6 });
    // One place for all reasons, so that the eye can run down them; a long name gives way to its reason.
    let names = texts.iter().map(|texts| text::width(&texts.name)).max().unwrap_or(0);
    let reasons = texts.iter().map(|texts| text::width(&texts.why)).max().unwrap_or(0);
    let names = names.min(room * 11 / 20).min(room.saturating_sub(reasons + 2).max(room * 2 / 5));
    let rows = texts.iter().flat_map(|texts| {
        let beneath = remedy.clone().filter(|_| texts.is_current);
        std::iter::once(row(model, texts, titles, names)).chain(beneath)
    });
    // Sources alone are no rows: what is known of these is still to be said.
    let calm = if attention.iter().all(|line| line.source().is_some()) { calm(model) } else { Vec::new() };
    rows.chain(calm).collect()
}

/// The title of a line's view, or the name of its source; of several targets on a narrow screen, which one it is says more.
fn title<'a>(model: &'a Model, line: &AttentionItem) -> &'a str {
    let is_left_out = model.size.0 < targets::NARROW && model.watches_several();
    let pack = &model.targets[line.target.0].pack;
    match line.source() {
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
struct LineTexts<'a> {
    /// Empty where there is one target.
    target: String,
    title: &'a str,
    name: String,
    why: String,
    severity: Severity,
    is_current: bool,
    /// Whether it has come since the user last looked.
    is_new: bool,
    /// How long ago it began, where it is a cause.
    since: Option<String>,
    /// How old it is, where it is.
    age: Option<String>,
}

impl<'a> LineTexts<'a> {
    fn of(model: &'a Model, line: &AttentionItem, is_current: bool) -> Option<Self> {
        let target = &model.targets[line.target.0];
        let (view, panel) = (target.pack.view(line.view), target.panel(line.view));
        let rows = panel.default_snapshot().map_or(&[][..], |snapshot| &snapshot.rows);
        let of_row = || {
            let row = rows.get(line.row)?;
            Some((format::label(view, row), format::line(&row.why)))
        };
        let (name, why) = match &line.kind {
            LineKind::Source(source) => silent(model, target, *source),
            LineKind::Row => of_row()?,
            LineKind::Inner => of_row().map(|(name, why)| (format!("  {name}"), why))?,
            LineKind::Rest(rows) => (format!("and {} more in {}", format::thousands(*rows), view.title), String::new()),
            LineKind::Echoes { many, .. } => (echoes(many), many.reason.clone()),
            LineKind::Fold(many) => folded(many),
        };
        let of_row = || rows.get(line.row).filter(|_| line.is_row()).and_then(|row| row.old);
        let of_row = of_row().map(|old| old.since);
        let age = of_row.into_iter().chain(target.old_since(line.view)).min().filter(|_| line.source().is_none());
        Some(Self {
            target: targets::name_before(model, line.target),
            title: title(model, line),
            name,
            why,
            severity: line.severity,
            is_current,
            is_new: attention::is_new(model, line),
            since: since(model, line),
            age: age.map(|since| self::age(model, since)),
        })
    }
}

fn row(model: &Model, texts: &LineTexts, titles: usize, names: usize) -> Line {
    let glyphs = Glyphs::of(model.appearance.ascii);
    let cursor = if texts.is_current { span(glyphs.cursor, Tone::Accent) } else { plain(" ") };
    let beside = match texts.age {
        Some(_) => span(glyphs.stale, Tone::Unknown),
        None if texts.is_new => span(glyphs.mark, Tone::Accent).with(Emphasis::Bold),
        None => plain(" "),
    };
    let emphasis = if texts.is_current { Emphasis::Bold } else { Emphasis::None };
    let name = text::cut(&texts.name, names, glyphs.ellipsis).into_owned();
    let pad = " ".repeat(names - text::width(&name) + 2);
    let line = vec![
        cursor,
        glyphs.severity(texts.severity),
        beside,
        plain(&*texts.target),
        dim(if titles == 0 { String::new() } else { format!("{:titles$}  ", texts.title) }),
        plain(name).with(emphasis),
        plain(pad),
        span(texts.age.as_ref().map_or(String::new(), |age| format!("{age} old  ")), Tone::Unknown),
        span(&*texts.why, tone_of(texts.severity)),
    ];
    let right = texts.since.as_ref().map(|since| vec![dim(format!("{since} "))]);
    justify(line, right.unwrap_or_default(), usize::from(model.size.0), glyphs.ellipsis)
}

/// How long ago a cause began; `None` of other rows, and where there is no room for it.
fn since(model: &Model, line: &AttentionItem) -> Option<String> {
    let target = &model.targets[line.target.0];
    let cause = target.pack.view(line.view).cause.filter(|_| line.is_row() && model.size.0 >= ROOMY)?;
    let snapshot = target.panel(line.view).default_snapshot()?;
    let Value::Time(began) = snapshot.rows.get(line.row)?.cells.get(cause.since)? else { return None };
    let now = snapshot.server_now.plus_ms(i64::try_from(model.clock.mono.since(snapshot.at)).unwrap_or(0));
    began.calendar()?;
    Some(format!("began {} ago", format::short(now.since_ms(*began).max(0))))
}

/// What to do about the line with the cursor; `None` where nobody says.
fn what_to_do(model: &Model, line: &AttentionItem) -> Option<Line> {
    if geometry::remedy_rows(model) == 0 {
        return None;
    }
    let glyphs = Glyphs::of(model.appearance.ascii);
    let mut said = vec![plain("   "), span(glyphs.arrow, Tone::Accent), plain(" ")];
    let begin = said.len();
    for (key, says) in remedies(model, line) {
        if said.len() > begin {
            said.push(dim(format!(" {} ", glyphs.between)));
        }
        if let Some(key) = key {
            said.push(span(key, Tone::Accent).with(Emphasis::Bold));
            said.push(plain(" "));
        }
        said.push(plain(format::line(&text::inert(&says))));
    }
    (said.len() > begin).then(|| fit(said, usize::from(model.size.0), glyphs.ellipsis))
}

/// The sentences of what to do, each after its key where it has one here.
fn remedies(model: &Model, line: &AttentionItem) -> Vec<(Option<String>, String)> {
    let target = &model.targets[line.target.0];
    if let Some(source) = line.source() {
        let why = attention::why_dead(target, source).cloned();
        let why = why.or_else(|| Some(attention::why_unchosen(target)?.1));
        return why.map(|why| (None, why.hint().to_owned())).into_iter().collect();
    }
    let view = target.pack.view(line.view);
    let row = target.panel(line.view).default_snapshot().and_then(|snapshot| snapshot.rows.get(line.row));
    let Some(id) = row.and_then(|row| row.reason.as_deref()) else { return Vec::new() };
    let Some(reason) = target.pack.reason(line.view, id) else { return Vec::new() };
    // A line of many rows has none that a key could act on.
    let is_own = line.is_row() && view.reasons.contains_key(id);
    let key = |remedy| remedy::key(model, view, remedy, is_own);
    reason.remedies.iter().map(|remedy| (key(remedy), remedy.says.clone())).collect()
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

/// Rows of one reason in one line; of which part of the view, where that is known. Where more than half of a view says the
/// same, what makes them say it is likely one thing.
fn folded(many: &ManyRows) -> (String, String) {
    let rows = format!("{}{}", format::thousands(many.rows), if many.or_more { "+" } else { "" });
    let name = match many.of {
        Some(of) => format!("{rows} of {}", format::thousands(of)),
        None => format!("{rows} rows"),
    };
    (name, if many.are_most() { format!("{}: one cause?", many.reason) } else { many.reason.clone() })
}

/// Rows that follow from those above them, in one line.
fn echoes(many: &ManyRows) -> String {
    let more = if many.or_more { "+" } else { "" };
    format!("+ {}{more} echo{}", format::thousands(many.rows), if many.rows == 1 { "" } else { "es" })
}
