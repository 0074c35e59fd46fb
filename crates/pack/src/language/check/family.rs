//! Sources that stand for many databases, and what their views say of them.

use std::collections::BTreeSet;

use toml::Spanned;

use super::{Resolver, statements::validate_statement};
use crate::{
    document::{Name, Problems, suggest},
    language::words::{RawFamily, RawFinding, RawPack, RawView},
    pack::{DATABASE, Engine, Family, Finding, MemberNames, OF_MEMBER, SourceId},
};

/// The kind of a member of which nothing says one.
const KIND_OF_MEMBER: &str = "member";

/// Gives every source its family, where it has one.
pub(super) fn validate_families(resolver: &mut Resolver, raw: &RawPack, problems: &mut Problems) {
    for (at, source) in raw.source.iter().enumerate() {
        let Some(family) = &source.family else { continue };
        let single = Singles { resolver, raw, family: SourceId(at) };
        let found = single.validate_family(family, problems);
        resolver.sources[at].family = found;
    }
}

/// A family, and the sources that it may name.
struct Singles<'a> {
    resolver: &'a Resolver,
    raw: &'a RawPack,
    family: SourceId,
}

impl Singles<'_> {
    fn validate_family(&self, raw: &Spanned<RawFamily>, problems: &mut Problems) -> Option<Family> {
        let (resolver, family) = (self.resolver, raw.get_ref());
        let engine = resolver.engine(self.family);
        if engine != Engine::PostgreSql {
            let what = format!("a family of {} is not served", engine.word());
            problems.add(resolver.location_of(raw), what, "remove \"family\": give each database a source or a target");
            return None;
        }
        if family.databases.is_empty() && family.query.is_none() && family.also.is_empty() {
            let what = "a family of which nothing says the members";
            problems.add(resolver.location_of(raw), what, "add \"databases\", or \"query\" and \"from\"");
        }
        if let Some(exclude) = family.exclude.first().filter(|_| family.databases.is_empty()) {
            let remedy = "remove it, or add \"databases\"; a query leaves out what it does not return";
            problems.add(resolver.location_of(exclude), "\"exclude\" without \"databases\"", remedy);
        }
        for pattern in family.databases.iter().chain(&family.exclude).filter(|name| name.get_ref().is_empty()) {
            problems.add(resolver.location_of(pattern), "an empty name of a database", "remove it");
        }
        if let Some(kind) = &family.kind {
            resolver.validate_id("kind", kind, problems);
        }
        Some(Family {
            databases: texts(&family.databases),
            exclude: texts(&family.exclude),
            also: family.also.iter().filter_map(|name| self.validate_single(name, problems)).collect(),
            kind: family.kind.as_ref().map_or(KIND_OF_MEMBER, |kind| kind.get_ref()).to_owned(),
            names: self.validate_names(family, problems),
        })
    }

    /// A source of PostgreSQL that is one database.
    fn validate_single(&self, name: &Name, problems: &mut Problems) -> Option<SourceId> {
        let found = self.resolver.source(name, problems)?;
        let is_family = self.raw.source[found.0].family.is_some();
        if is_family || self.resolver.engine(found) != Engine::PostgreSql {
            let what = format!("the source \"{}\" is not one database of postgresql", name.get_ref());
            problems.add(self.resolver.location_of(name), what, "name another source");
            return None;
        }
        Some(found)
    }

    fn validate_names(&self, words: &RawFamily, problems: &mut Problems) -> Option<MemberNames> {
        let resolver = self.resolver;
        let (Some(file), Some(from)) = (&words.query, &words.from) else {
            if let Some(alone) = words.query.as_ref().or(words.from.as_ref()).or(words.binds.first()) {
                let what = "a family wants \"query\" and \"from\" together";
                problems.add(resolver.location_of(alone), what, "say which source the query runs on, or remove it");
            }
            return None;
        };
        let from = self.validate_single(from, problems);
        let parsed = validate_statement(resolver, file, Engine::PostgreSql, problems)?;
        for (param, location) in parsed.params() {
            let what = format!("the query of a family takes no parameter, and :{} is one", param.name);
            problems.add(location.clone(), what, "write the value into the query");
        }
        for bind in &words.binds {
            resolver.validate_id("parameter", bind, problems);
            if OF_MEMBER.contains(&bind.get_ref().as_str()) {
                let what = format!("\"{}\" is a parameter of every family", bind.get_ref());
                problems.add(resolver.location_of(bind), what, "remove it");
            }
        }
        Some(MemberNames { query: parsed.statement, from: from?, binds: texts(&words.binds) })
    }
}

fn texts(names: &[Name]) -> Vec<String> {
    names.iter().map(|name| name.get_ref().clone()).collect()
}

/// The parameters that the queries of a source have of each member; none where the source is one database.
pub(super) fn params_of_member(resolver: &Resolver, source: SourceId) -> Vec<&str> {
    let Some(family) = &resolver.sources[source.0].family else { return Vec::new() };
    let binds = family.names.iter().flat_map(|names| &names.binds).map(String::as_str);
    OF_MEMBER.into_iter().chain(binds).collect()
}

/// A view of a family says by its key which member a row is of, and asks nothing that would have to be asked of all
/// members together. No other view has words of a family.
pub(super) fn validate_view_of_family(resolver: &Resolver, view: &RawView, source: SourceId, problems: &mut Problems) {
    if resolver.sources[source.0].family.is_none() {
        let kinds = view.kinds.as_ref().map(|kinds| ("kinds", resolver.location_of(kinds)));
        let unreachable = view.unreachable.as_ref().map(|finding| ("unreachable", resolver.location_of(finding)));
        for (word, location) in kinds.into_iter().chain(unreachable) {
            let what = format!("\"{word}\" in a view whose source is one database");
            problems.add(location, what, "remove it: only a family has members");
        }
        return;
    }
    if view.row_key.get_ref().first().is_none_or(|name| name.get_ref() != DATABASE) {
        let remedy = "begin it with \"database\": rows of two databases may have the same key";
        problems.add(resolver.location_of(&view.row_key), "the row_key of a family", remedy);
    }
    let mut refuse = |location, what: &str, remedy: &str| problems.add(location, what, remedy);
    if let Some(kind) = &view.kind {
        refuse(resolver.location_of(kind), "a view of files in a family is not served", "read another source");
    }
    if let Some(facet) = view.facet.iter().find_map(|facet| facet.query.as_ref()) {
        let what = "choices by a query in a family are not served";
        refuse(resolver.location_of(facet), what, "list the choices");
    }
    if let Some(name) = view.ordered.keys().next() {
        let what = "\"ordered\" is not served in a family";
        refuse(resolver.location_of(name), what, "remove it: rows of many databases come with their counts");
    }
    if let Some(action) = view.action.first() {
        let what = "an action in a family is not served: among many databases a write is soon done in the wrong one";
        let remedy = "remove it, and give a database that is to be written a source or a target of its own";
        refuse(resolver.location_of(&action.id), what, remedy);
    }
}

/// The kinds of the members that a view is asked of. Where nothing but the pack says kinds, it says which there are.
pub(super) fn validate_kinds(
    resolver: &Resolver,
    view: &RawView,
    source: SourceId,
    problems: &mut Problems,
) -> Option<BTreeSet<String>> {
    let kinds = view.kinds.as_ref()?;
    let family = resolver.sources[source.0].family.as_ref()?;
    if kinds.get_ref().is_empty() {
        problems.add(resolver.location_of(kinds), "no kind at all", "name kinds, or remove it: all are asked");
    }
    let also = family.also.iter().map(|source| resolver.sources[source.0].name.as_str());
    let known: Vec<&str> = also.chain([family.kind.as_str()]).collect();
    for kind in kinds.get_ref().iter().filter(|_| family.names.is_none()) {
        if !known.contains(&kind.get_ref().as_str()) {
            let what = format!("no database of the family is of the kind \"{}\"", kind.get_ref());
            problems.add(resolver.location_of(kind), what, suggest(kind.get_ref(), known.iter().copied()));
        }
    }
    Some(texts(kinds.get_ref()).into_iter().collect())
}

/// What the program finds, with a reason that the view describes.
pub(super) fn validate_finding(
    resolver: &Resolver,
    view: &RawView,
    raw: &RawFinding,
    problems: &mut Problems,
) -> Finding {
    let id = &raw.reason;
    if !view.reason.keys().any(|known| known.get_ref() == id.get_ref()) {
        let what = format!("the view describes no reason \"{}\"", id.get_ref());
        let remedy = format!("add [reason.{}] with \"says\" and \"means\"", id.get_ref());
        problems.add(resolver.location_of(id), what, remedy);
    }
    Finding { is_crit: raw.severity.get_ref() == "crit", reason: id.get_ref().clone() }
}
