//! Parameters: a query may use those that its role has and those that its view declares. What a view declares is used.

use std::collections::BTreeSet;

use super::{Name, Resolver, family::params_of_member, scope::NOT_SCOPED, statements::ParsedStatement};
use crate::{
    document::{Problems, SourceLocation, suggest},
    language::words::RawView,
    pack::{SCOPE, SourceId},
};

/// What a query is for. The role decides which parameters the program binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QueryRole {
    /// The view's own query; `search` is the view's word.
    Rows { search: bool },
    /// The query of an enrichment.
    Enrich,
    /// A query of the detail.
    Detail,
    /// The query of a chart.
    Chart,
    /// The query of a facet's choices, which is asked for every row alike.
    Choices,
}

impl QueryRole {
    /// The parameters that the program binds, and that the query must take.
    fn bound(self) -> &'static [&'static str] {
        match self {
            Self::Rows { search: true } => &["search"],
            Self::Rows { search: false } | Self::Choices => &[],
            Self::Enrich => &["keys"],
            Self::Detail => &["key"],
            Self::Chart => &["key", "window"],
        }
    }
}

/// The parameters that the source of a view binds.
pub(super) struct OfSource<'a> {
    /// Whether the view is asked within a scope.
    pub scoped: bool,
    /// What a family binds for each of its members.
    pub of_member: Vec<&'a str>,
}

/// Names of the parameters that the program binds, and what to do about one in a query of another role.
const RESERVED: [(&str, &str); 5] = [
    ("search", "set search = true; only the view's own query takes :search"),
    ("keys", "only the query of an [[enrich]] takes :keys"),
    ("key", "only queries of the [detail] and of a [[chart]] take :key"),
    ("window", "only the query of a [[chart]] takes :window"),
    NOT_SCOPED,
];

/// The parameters that a view declares, each with the word that declares it.
fn declared(view: &RawView) -> impl Iterator<Item = (&'static str, &Name)> {
    let thresholds = view.threshold.keys().map(|name| ("threshold", name));
    let facets = view.facet.iter().map(|facet| ("facet", &facet.name));
    let given = view.given.iter().map(|given| ("given", &given.name));
    thresholds.chain(facets).chain(given)
}

/// Every declared parameter is an identifier, is declared once, and has no name of the program's.
pub(super) fn validate_declared(resolver: &Resolver, view: &RawView, problems: &mut Problems) {
    let source = resolver.sources.iter().position(|source| source.name == *view.source.get_ref());
    let of_member = source.map_or_else(Vec::new, |at| params_of_member(resolver, SourceId(at)));
    let mut seen = BTreeSet::new();
    for (word, name) in declared(view) {
        resolver.validate_id(word, name, problems);
        let text = name.get_ref().as_str();
        if RESERVED.iter().any(|(reserved, _)| *reserved == text) || of_member.contains(&text) {
            problems.add(
                resolver.location_of(name),
                format!("the {word} \"{text}\" has a reserved name"),
                "choose another name",
            );
        }
        if !seen.insert(text) {
            let what = format!("a second parameter \"{text}\"");
            problems.add(
                resolver.location_of(name),
                what,
                "thresholds, facets and [[given]] share their names; choose another name",
            );
        }
    }
}

/// Every parameter of a query is bound by the program or declared by the view, and the query takes all that the program
/// binds. `of_source` are those that the view's source binds: the scope, where the view is asked within one, for the
/// policies of the server are not the only fence, and what a family binds for each of its databases.
pub(super) fn validate_params(
    view: &RawView,
    role: QueryRole,
    of_source: &OfSource<'_>,
    query: &ParsedStatement,
    problems: &mut Problems,
) {
    let bound: Vec<&str> = role.bound().iter().copied().chain(of_source.scoped.then_some(SCOPE)).collect();
    for (param, location) in query.params() {
        let name = param.name.as_str();
        let is_declared = declared(view)
            .filter(|(word, _)| role != QueryRole::Choices || *word == "threshold")
            .any(|(_, declared)| declared.get_ref() == name);
        if is_declared || bound.contains(&name) || of_source.of_member.contains(&name) {
            continue;
        }
        let remedy = if name == SCOPE {
            NOT_SCOPED.1.to_owned()
        } else if role == QueryRole::Choices {
            "the query of a facet's choices takes thresholds only".to_owned()
        } else if let Some((_, remedy)) = RESERVED.iter().find(|(reserved, _)| *reserved == name) {
            (*remedy).to_owned()
        } else {
            let known = declared(view).map(|(_, name)| name.get_ref().as_str()).chain(bound.iter().copied());
            let known = known.chain(of_source.of_member.iter().copied());
            format!("declare it as a threshold, facet or [[given]]; {}", suggest(name, known))
        };
        let file = query.statement.file();
        let of_fragment = if location.file == file { String::new() } else { format!(" by the view of {file}") };
        problems.add(location.clone(), format!("the parameter :{name} is not declared{of_fragment}"), remedy);
    }
    for name in bound.iter().filter(|name| !query.takes(name)) {
        let location = SourceLocation::file(query.statement.file());
        let remedy = match *name {
            SCOPE => "filter by it, as in (:scope::uuid IS NULL OR client_id = :scope::uuid), or say scoped = false \
                      in the view"
                .to_owned(),
            _ => format!("use :{name} in it"),
        };
        problems.add(location, format!("the query does not take :{name}"), remedy);
    }
}

/// Every parameter that a view declares is used by one of its queries.
pub(super) fn validate_used(resolver: &Resolver, view: &RawView, queries: &[ParsedStatement], problems: &mut Problems) {
    for (word, name) in declared(view) {
        if !queries.iter().any(|query| query.takes(name.get_ref())) {
            let what = format!("no query uses the {word} \"{0}\"", name.get_ref());
            problems.add(resolver.location_of(name), what, format!("use :{} in a query, or remove it", name.get_ref()));
        }
    }
}
