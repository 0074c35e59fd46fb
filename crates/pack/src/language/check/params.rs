//! Parameters: a query may use what its place gives it and what its view declares, and what is declared is used.

use std::collections::BTreeSet;

use super::{Name, Resolver, statements::ParsedStatement};
use crate::{
    document::{Problems, SourceLocation, suggest},
    language::raw::RawView,
};

/// What a query is for, which decides what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QueryRole {
    Rows { search: bool },
    Enrich,
    Detail,
    Chart,
}

impl QueryRole {
    fn given(self) -> &'static [&'static str] {
        match self {
            Self::Rows { search: true } => &["search"],
            Self::Rows { search: false } => &[],
            Self::Enrich => &["keys"],
            Self::Detail => &["key"],
            Self::Chart => &["key", "window"],
        }
    }
}

/// Names that the program gives a value, and what to do where they are not given.
const RESERVED: [(&str, &str); 4] = [
    ("search", "set search = true; only the view's own query takes :search"),
    ("keys", "only the query of an [[enrich]] takes :keys"),
    ("key", "only queries of the [detail] and of a [[chart]] take :key"),
    ("window", "only the query of a [[chart]] takes :window"),
];

fn declared(view: &RawView) -> impl Iterator<Item = (&'static str, &Name)> {
    let thresholds = view.threshold.keys().map(|name| ("threshold", name));
    let facets = view.facet.iter().map(|facet| ("facet", &facet.name));
    let scopes = view.scope.iter().map(|scope| ("scope", &scope.name));
    thresholds.chain(facets).chain(scopes)
}

/// Every declared parameter is an identifier of its own, and none of the program's.
pub(super) fn validate_declared(resolver: &Resolver, view: &RawView, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for (what, name) in declared(view) {
        resolver.validate_id(what, name, problems);
        let text = name.get_ref().as_str();
        if RESERVED.iter().any(|(reserved, _)| *reserved == text) {
            problems.add(
                resolver.of(name),
                format!("the {what} \"{text}\" has a reserved name"),
                "choose another name",
            );
        }
        if !seen.insert(text) {
            let what = format!("a second parameter \"{text}\"");
            problems.add(
                resolver.of(name),
                what,
                "thresholds, facets and scopes share their names; choose another name",
            );
        }
    }
}

/// Every parameter of a query is given to it or declared, and what it is given it takes.
pub(super) fn validate_params(view: &RawView, role: QueryRole, query: &ParsedStatement, problems: &mut Problems) {
    for (param, place) in query.params() {
        let name = param.name.as_str();
        let is_declared = declared(view).any(|(_, declared)| declared.get_ref() == name);
        if is_declared || role.given().contains(&name) {
            continue;
        }
        let remedy = if let Some((_, remedy)) = RESERVED.iter().find(|(reserved, _)| *reserved == name) {
            (*remedy).to_owned()
        } else {
            let known = declared(view).map(|(_, name)| name.get_ref().as_str()).chain(role.given().iter().copied());
            format!("declare it as a threshold, facet or scope; {}", suggest(name, known))
        };
        problems.add(place.clone(), format!("the parameter :{name} is not declared"), remedy);
    }
    for name in role.given().iter().filter(|name| !query.takes(name)) {
        let place = SourceLocation::file(query.statement.file());
        let remedy = format!("use :{name} in it");
        problems.add(place, format!("the query does not take :{name}"), remedy);
    }
}

/// What a view declares, one of its queries uses.
pub(super) fn validate_used(resolver: &Resolver, view: &RawView, queries: &[ParsedStatement], problems: &mut Problems) {
    for (what, name) in declared(view) {
        if !queries.iter().any(|query| query.takes(name.get_ref())) {
            let what = format!("no query uses the {what} \"{0}\"", name.get_ref());
            problems.add(resolver.of(name), what, format!("use :{} in a query, or remove it", name.get_ref()));
        }
    }
}
