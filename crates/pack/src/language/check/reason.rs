//! Why rows are as they are: reasons, their sentences, what to do, and which reasons follow from others.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::{Resolver, links::validate_column_exists};
use crate::{
    document::{Name, Problems, TextOr, suggest},
    language::{
        template::{self, WrittenPart},
        words::{RawCause, RawReason, RawRemedy, RawView},
    },
    pack::{
        Action, Cause, Column, DOUBTS, FILE_REASONS, Format, Link, NO_SCOPE, REASON, Reason, Remedy, RemedyBy,
        Statement, Template, TemplatePart, ViewId,
    },
};

/// Formats of the cells in a sentence: those that are one short text without a picture.
const FORMATS: [&str; 15] = [
    "text",
    "id",
    "int",
    "float",
    "decimal",
    "money",
    "percent",
    "bool",
    "bytes",
    "duration",
    "age",
    "countdown",
    "time",
    "date",
    "status",
];

/// What else of a view its reasons name.
pub(super) struct Parts<'a> {
    pub columns: &'a [Column],
    pub links: &'a [Link],
    pub actions: &'a [Action],
    /// `None` when it could not be read.
    pub query: Option<&'a Statement>,
}

/// The reasons of a view.
pub(super) fn validate_reasons(
    resolver: &Resolver,
    id: &str,
    raw: &RawView,
    parts: &Parts<'_>,
    problems: &mut Problems,
) -> BTreeMap<String, Reason> {
    if let Some(column) = raw.column.iter().find(|column| !raw.reason.is_empty() && column.name.get_ref() == REASON) {
        let what = "a column \"reason\" in a view with [reason.<id>]";
        let remedy = "give the column another name in the query; \"why\" shows what the reason says";
        problems.add(resolver.location_of(&column.name), what, remedy);
    }
    let mut reasons = BTreeMap::new();
    for (name, reason) in &raw.reason {
        resolver.validate_id("reason", name, problems);
        let origin = Origin::of(resolver, raw, name.get_ref());
        validate_origin(resolver, name, origin, raw, parts.query, problems);
        let scope = ReasonCheck { resolver, raw, parts, reason: reason.get_ref(), span: reason, origin };
        reasons.insert(name.get_ref().clone(), scope.validate(id, problems));
    }
    reasons
}

/// Who finds a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The view's own query.
    Query,
    /// The program, or a view that is joined.
    Program,
}

impl Origin {
    fn of(resolver: &Resolver, raw: &RawView, id: &str) -> Self {
        let is_joined = judges(raw).filter_map(|name| resolver.views.get(name)).any(|judge| {
            judge.reason.keys().any(|name| name.get_ref() == id) || judge.kind.is_some() && FILE_REASONS.contains(&id)
        });
        let is_of_file = raw.kind.is_some() && FILE_REASONS.contains(&id);
        let is_found = found(raw).any(|reason| reason == id);
        if DOUBTS.contains(&id) || is_of_file || is_joined || is_found { Self::Program } else { Self::Query }
    }
}

/// Names of the views that judge the rows of this one too.
fn judges(raw: &RawView) -> impl Iterator<Item = &str> {
    raw.enrich.iter().filter_map(|enrich| enrich.get_ref().view.as_ref()).map(|name| name.get_ref().as_str())
}

/// What the program finds in rows of the view.
fn found(raw: &RawView) -> impl Iterator<Item = &str> {
    let missing = raw.enrich.iter().filter_map(|enrich| enrich.get_ref().missing.as_ref());
    let found = raw.unreachable.iter().chain(missing).map(|finding| &finding.get_ref().reason);
    let across = raw.across.iter().map(|across| &across.reason);
    let grown = raw.growth.iter().filter_map(|growth| growth.reason.as_ref());
    found.chain(across).chain(grown).map(|name| name.get_ref().as_str())
}

/// A reason that nothing can bring about is a misspelled one.
fn validate_origin(
    resolver: &Resolver,
    name: &Name,
    origin: Origin,
    raw: &RawView,
    query: Option<&Statement>,
    problems: &mut Problems,
) {
    let id = name.get_ref();
    let is_of_family =
        resolver.sources.iter().any(|source| source.name == *raw.source.get_ref() && source.family.is_some());
    let is_compared = !raw.across.is_empty() || !raw.growth.is_empty();
    let is_judged = raw.kind.is_some() || is_of_family || is_compared || judges(raw).next().is_some();
    if DOUBTS.contains(&id.as_str()) && !is_judged {
        let what = format!("nothing brings about the reason \"{id}\" here");
        let remedy = "remove it: the rows are judged by the view's own query alone";
        problems.add(resolver.location_of(name), what, remedy);
    }
    if id == NO_SCOPE && resolver.scope.is_none() {
        let what = format!("nothing brings about the reason \"{id}\" here");
        problems.add(resolver.location_of(name), what, "remove it: the pack has no [scope]");
    }
    let text = match query {
        Some(Statement::Sql(sql)) => sql.text.clone(),
        Some(Statement::Mongo(query)) => serde_json::Value::from(query.pipeline.clone()).to_string(),
        None => return,
    };
    // A comment may have been dropped, and a fragment stands in another file.
    let file = resolver.statements.get(raw.query.get_ref()).map_or("", |file| &file.text);
    if origin == Origin::Query && !names(&text, id) && !names(file, id) {
        let what = format!("the query does not name the reason \"{id}\"");
        let remedy = "let it return the id; where it composes ids, name them in a comment of the query";
        problems.add(resolver.location_of(name), what, remedy);
    }
}

/// Whether a text has a word.
fn names(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

/// One reason while it is checked.
struct ReasonCheck<'a> {
    resolver: &'a Resolver,
    raw: &'a RawView,
    parts: &'a Parts<'a>,
    reason: &'a RawReason,
    span: &'a Spanned<RawReason>,
    origin: Origin,
}

impl ReasonCheck<'_> {
    fn validate(&self, id: &str, problems: &mut Problems) -> Reason {
        Reason {
            says: self.reason.says.as_ref().map(|says| self.template(says, problems)),
            means: self.means(problems),
            remedies: self.reason.remedies.iter().map(|remedy| self.remedy(remedy, problems)).collect(),
            echo_of: self.reason.echo_of.as_ref().and_then(|name| self.echo_of(id, name, problems)),
        }
    }

    /// What it means, where each name between braces is a threshold of the view.
    fn means(&self, problems: &mut Problems) -> String {
        let means = &self.reason.means;
        let named = means.split('{').skip(1).map(|rest| rest.split_once('}').map_or("", |(name, _)| name));
        let known = || self.raw.threshold.keys().map(|name| name.get_ref().as_str());
        for name in named.filter(|name| known().all(|threshold| threshold != *name)) {
            let what = format!("means: the view has no threshold \"{name}\"");
            problems.add(self.resolver.location_of(self.span), what, suggest(name, known()));
        }
        means.clone()
    }

    fn template(&self, says: &Name, problems: &mut Problems) -> Template {
        let written = match template::parse(says.get_ref()) {
            Ok(written) => written,
            Err(error) => {
                problems.add(self.resolver.location_of(says), error.what, error.remedy);
                return Template::default();
            }
        };
        Template { parts: written.iter().filter_map(|part| self.part(says, part, problems)).collect() }
    }

    fn part(&self, says: &Name, part: &WrittenPart, problems: &mut Problems) -> Option<TemplatePart> {
        match part {
            WrittenPart::Text(text) => Some(TemplatePart::Text(text.clone())),
            WrittenPart::Cell { column, format } => self.cell(says, column, format.as_deref(), problems),
            WrittenPart::Plural { column, one, many } => {
                let column = self.column(says, column, problems)?;
                Some(TemplatePart::Plural { column, one: one.clone(), many: many.clone() })
            }
            WrittenPart::Optional(inner) => {
                let parts: Vec<_> = inner.iter().filter_map(|part| self.part(says, part, problems)).collect();
                if !inner.iter().any(|part| matches!(part, WrittenPart::Cell { .. } | WrittenPart::Plural { .. })) {
                    let remedy = "name a column in it, or write [[ and ]] for brackets";
                    problems.add(self.resolver.location_of(says), "a part in brackets that never vanishes", remedy);
                }
                Some(TemplatePart::Optional(parts))
            }
        }
    }

    fn cell(&self, says: &Name, column: &str, format: Option<&str>, problems: &mut Problems) -> Option<TemplatePart> {
        let is_column = self.parts.columns.iter().any(|known| known.name == column);
        if column == "finding" && !is_column && self.origin == Origin::Program && format.is_none() {
            return Some(TemplatePart::Finding);
        }
        let at = self.column(says, column, problems)?;
        let own = self.parts.columns[at].format;
        let word = |format: Format| Format::ALL.iter().find(|(_, known)| *known == format).map_or("", |(word, _)| word);
        let format = match format {
            Some(word) if FORMATS.contains(&word) => Format::ALL.iter().find(|(known, _)| *known == word)?.1,
            Some(word) => {
                let what = format!("\"{{{column}:{word}}}\" has a format that no sentence can show");
                problems.add(self.resolver.location_of(says), what, suggest(word, FORMATS));
                return None;
            }
            // A number beside a bar is a number without one.
            None if own == Format::Gauge => Format::Text,
            None if FORMATS.contains(&word(own)) => own,
            None => {
                let what = format!("\"{{{column}}}\" has the format {}, which no sentence can show", word(own));
                problems.add(self.resolver.location_of(says), what, "give it a format, such as {column:text}");
                return None;
            }
        };
        Some(TemplatePart::Cell { column: at, format })
    }

    /// The column of that name. Secrets, and what is asked for the rows on screen alone, are in no sentence.
    fn column(&self, says: &Name, name: &str, problems: &mut Problems) -> Option<usize> {
        let location = self.resolver.location_of(says);
        let Some(at) = self.parts.columns.iter().position(|column| column.name == name) else {
            let known = self.parts.columns.iter().map(|column| column.name.as_str());
            let known = suggest(name, known.chain((self.origin == Origin::Program).then_some("finding")));
            let remedy = format!("{known}; declare it with [[column]], perhaps with hide = true");
            problems.add(location, format!("unknown column \"{name}\" in a sentence"), remedy);
            return None;
        };
        if self.parts.columns[at].format == Format::Secret {
            problems.add(location, format!("the column \"{name}\" is a secret"), "take it out of the sentence");
            return None;
        }
        let is_asked_late = self.raw.enrich.iter().map(Spanned::get_ref).any(|enrich| {
            enrich.query.is_some() && enrich.columns.get_ref().iter().any(|column| column.get_ref() == name)
        });
        if is_asked_late {
            let what = format!("the column \"{name}\" is filled for the rows on screen alone");
            problems.add(location, what, "let the view's query return what the sentence needs");
            return None;
        }
        Some(at)
    }

    fn remedy(&self, raw: &TextOr<RawRemedy>, problems: &mut Problems) -> Remedy {
        let RawRemedy { says, link, action, runbook } = match raw {
            TextOr::Text(says) => return Remedy { says: says.clone(), by: None },
            TextOr::Table(table) => table,
        };
        let location = || self.resolver.location_of(self.span);
        if [link, action, runbook].into_iter().flatten().count() > 1 {
            let what = format!("a \"do\" with several of a link, an action and a runbook: \"{says}\"");
            problems.add(location(), what, "write an entry for each");
        }
        let by_link = link.as_ref().filter(|name| !self.resolver.disabled.contains(name.as_str())).and_then(|name| {
            let id = |link: &Link| self.resolver.ids[link.view.0].as_str();
            let found = self.parts.links.iter().position(|link| id(link) == name);
            if found.is_none() {
                let what = format!("no link of this view opens \"{name}\"");
                problems.add(location(), what, suggest(name, self.parts.links.iter().map(id)));
            }
            found.map(RemedyBy::Link)
        });
        let by_action = action.as_ref().and_then(|name| {
            let found = self.parts.actions.iter().position(|action| action.id == *name);
            if found.is_none() {
                let known = self.parts.actions.iter().map(|action| action.id.as_str());
                problems.add(location(), format!("this view has no action \"{name}\""), suggest(name, known));
            }
            found.map(RemedyBy::Action)
        });
        let by_runbook = runbook.as_ref().and_then(|name| {
            let found = self.resolver.runbook.find(name);
            if found.is_none() {
                let known = self.resolver.runbook.entries.iter().map(|entry| entry.id.as_str());
                problems.add(location(), format!("the runbook has no entry \"{name}\""), suggest(name, known));
            }
            found.map(RemedyBy::Runbook)
        });
        Remedy { says: says.clone(), by: by_link.or(by_action).or(by_runbook) }
    }

    fn echo_of(&self, id: &str, name: &Name, problems: &mut Problems) -> Option<ViewId> {
        let resolver = self.resolver;
        if resolver.disabled.contains(name.get_ref()) {
            return None;
        }
        let view = resolver.view(name, problems)?;
        let cause = resolver.views.get(name.get_ref())?;
        if !cause.attention.as_ref().is_some_and(|attention| attention.get_ref().is_paid()) {
            let what = format!("an echo of \"{}\", whose rows never come to attention", name.get_ref());
            problems.add(resolver.location_of(name), what, "name a view with attention = true");
        }
        let hosts = hosts(resolver, id);
        let reached = echoed_from(resolver, name.get_ref());
        if let Some(both) = hosts.iter().find(|host| reached.contains(*host)) {
            let what = format!("the views \"{both}\" and \"{}\" echo each other", name.get_ref());
            problems.add(resolver.location_of(name), what, "one of them is the cause: remove its echo_of");
        }
        Some(view)
    }
}

/// The views whose rows may have the reasons of a view: itself, and those that it judges.
fn hosts<'a>(resolver: &'a Resolver, id: &'a str) -> BTreeSet<&'a str> {
    let judged = resolver.views.iter().filter(|(_, raw)| judges(raw).any(|judge| judge == id));
    judged.map(|(name, _)| name.as_str()).chain([id]).collect()
}

/// The view and all views that it echoes, however far.
fn echoed_from<'a>(resolver: &'a Resolver, id: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut pending = vec![id];
    while let Some(id) = pending.pop() {
        let Some(raw) = resolver.views.get(id).filter(|_| reached.insert(id)) else { continue };
        let judges = judges(raw).filter_map(|judge| resolver.views.get(judge));
        for view in judges.chain([raw]) {
            let echoes = view.reason.values().filter_map(|reason| reason.get_ref().echo_of.as_ref());
            pending.extend(echoes.map(|name| name.get_ref().as_str()));
        }
    }
    reached
}

/// The columns that tell people which row it is.
pub(super) fn validate_name(
    resolver: &Resolver,
    raw: &RawView,
    columns: &[Column],
    problems: &mut Problems,
) -> Vec<usize> {
    let mut found = Vec::new();
    for name in &raw.name {
        validate_column_exists(resolver, raw, name, problems);
        let Some(at) = columns.iter().position(|column| column.name == *name.get_ref()) else { continue };
        if columns[at].format == Format::Secret {
            let what = format!("the column \"{}\" is a secret", name.get_ref());
            problems.add(resolver.location_of(name), what, "name rows by another column");
        }
        found.push(at);
    }
    found
}

/// The columns that make causes of rows.
pub(super) fn validate_cause(
    resolver: &Resolver,
    raw: &RawView,
    columns: &[Column],
    problems: &mut Problems,
) -> Option<Cause> {
    let RawCause { reach, since } = raw.cause.as_ref()?;
    for name in [reach, since] {
        validate_column_exists(resolver, raw, name, problems);
    }
    let at = |name: &Name| columns.iter().position(|column| column.name == *name.get_ref());
    Some(Cause { reach: at(reach)?, since: at(since)? })
}
