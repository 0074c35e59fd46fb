//! Where a view refers to others: its links and its enrichments.

use std::collections::BTreeSet;

use toml::Spanned;

use super::{Name, Resolver, family::validate_finding};
use crate::{
    document::{Problems, suggest},
    language::words::{RawConstant, RawEnrich, RawLink, RawLinkValue, RawView},
    pack::{Enrich, EnrichBy, Link, LinkValue},
};

fn column_names(view: &RawView) -> impl Iterator<Item = &str> {
    view.column.iter().map(|column| column.name.get_ref().as_str())
}

pub(super) fn validate_column_exists(resolver: &Resolver, view: &RawView, name: &Name, problems: &mut Problems) {
    if !column_names(view).any(|column| column == name.get_ref()) {
        resolver.add_unknown("column", name, column_names(view), problems);
    }
}

/// The links of a view, without those to views and lookups that a layer removed.
pub(super) fn validate_links(resolver: &Resolver, view: &RawView, problems: &mut Problems) -> Vec<Link> {
    let is_gone = |other: &Name| resolver.disabled.contains(other.get_ref());
    let kept = view.link.iter().filter(|link| !link.view.as_ref().is_some_and(is_gone));
    kept.filter_map(|link| validate_link(resolver, view, link, problems)).collect()
}

fn validate_link(resolver: &Resolver, view: &RawView, link: &RawLink, problems: &mut Problems) -> Option<Link> {
    let press = validate_press(resolver, &link.press, problems);
    if let Some(label) = &link.label {
        validate_column_exists(resolver, view, label, problems);
    }
    let search = link.search.as_ref().map(|value| validate_value(resolver, view, value, problems));
    let name = validate_destination(resolver, link, problems)?;
    let target = resolver.view(name, problems)?;
    let other = resolver.views.get(name.get_ref())?;
    let set = link.set.iter().map(|(param, value)| {
        validate_param(resolver, name, other, param, value, problems);
        (param.get_ref().clone(), validate_value(resolver, view, value, problems))
    });
    let set = set.collect();
    validate_search(resolver, link, name, other, problems);
    Some(Link {
        view: target,
        press: press?,
        title: link.title.clone().unwrap_or_else(|| other.title.get_ref().clone()),
        set,
        search,
        label: link.label.as_ref().map(|label| label.get_ref().clone()),
    })
}

/// The view that a link opens: the one that it names, or the one that answers the lookup that it names.
fn validate_destination<'r>(resolver: &'r Resolver, link: &'r RawLink, problems: &mut Problems) -> Option<&'r Name> {
    match (&link.view, &link.lookup) {
        (Some(view), None) => Some(view),
        (None, Some(lookup)) => {
            let found = resolver.lookups.get(lookup.get_ref());
            if found.is_none() {
                resolver.add_unknown("lookup", lookup, resolver.lookups.keys().map(String::as_str), problems);
            }
            found
        }
        _ => {
            let remedy = "give one of them: \"view\" opens a view, \"lookup\" asks a lookup";
            problems.add(resolver.location_of(&link.press), "a [[link]] wants one of \"view\" and \"lookup\"", remedy);
            None
        }
    }
}

/// What a link sets is a parameter of the other view, and a constant for a facet is one of its choices.
fn validate_param(
    resolver: &Resolver,
    name: &Name,
    other: &RawView,
    param: &Name,
    value: &Spanned<RawLinkValue>,
    problems: &mut Problems,
) {
    let param_name = param.get_ref();
    let facet = other.facet.iter().find(|facet| facet.name.get_ref() == param_name);
    if facet.is_none() && !other.given.iter().any(|given| given.name.get_ref() == param_name) {
        let facets = other.facet.iter().map(|facet| facet.name.get_ref().as_str());
        let known = facets.chain(other.given.iter().map(|given| given.name.get_ref().as_str()));
        let what = format!("the view \"{}\" has no [[given]] or facet \"{param_name}\"", name.get_ref());
        problems.add(resolver.location_of(param), what, suggest(param_name, known));
    }
    if let (Some(facet), RawLinkValue::Constant(RawConstant { is })) = (facet, value.get_ref())
        && facet.query.is_none()
        && !facet.choices.get_ref().iter().any(|choice| choice.get_ref() == is)
    {
        let known = facet.choices.get_ref().iter().map(|choice| choice.get_ref().as_str());
        let what = format!("the facet \"{param_name}\" has no choice \"{is}\"");
        problems.add(resolver.location_of(value), what, suggest(is, known));
    }
}

/// A link searches only what can be searched, and a lookup is always searched.
fn validate_search(resolver: &Resolver, link: &RawLink, name: &Name, other: &RawView, problems: &mut Problems) {
    match (&link.search, &link.lookup) {
        (Some(search), _) if !other.search => {
            let what = format!("the view \"{}\" cannot be searched", name.get_ref());
            problems.add(resolver.location_of(search), what, "remove \"search\", or set search = true in that view");
        }
        (None, Some(lookup)) => {
            let what = format!("a link to the lookup \"{}\" has no \"search\"", lookup.get_ref());
            problems.add(resolver.location_of(lookup), what, "add search = \"..\": the column with what is looked up");
        }
        _ => {}
    }
}

/// A value that a link gives: a column of this view, or a constant.
fn validate_value(
    resolver: &Resolver,
    view: &RawView,
    value: &Spanned<RawLinkValue>,
    problems: &mut Problems,
) -> LinkValue {
    match value.get_ref() {
        RawLinkValue::Constant(RawConstant { is }) => LinkValue::Constant(is.clone()),
        RawLinkValue::Column(column) => {
            if !column_names(view).any(|known| known == column) {
                let remedy =
                    format!("{}; a constant is written {{ is = \"{column}\" }}", suggest(column, column_names(view)));
                problems.add(resolver.location_of(value), format!("unknown column \"{column}\""), remedy);
            }
            LinkValue::Column(column.clone())
        }
    }
}

/// The key of a link is one letter, and not `g`: `gg` is a command. Two links of one view never have the same letter,
/// because layering merges links by it.
fn validate_press(resolver: &Resolver, press: &Name, problems: &mut Problems) -> Option<char> {
    let mut letters = press.get_ref().chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_ascii_alphabetic() && letter != 'g' => Some(letter),
        _ => {
            let what = format!("the key \"{}\" cannot follow g", press.get_ref());
            problems.add(resolver.location_of(press), what, "write one letter; gg is the top of the list");
            None
        }
    }
}

/// The columns that an enrichment fills are columns of the view, and it has either a query or another view. `by_query`
/// is the query after it was read.
pub(super) fn validate_enrich(
    resolver: &Resolver,
    view: &RawView,
    id: &str,
    raw: &Spanned<RawEnrich>,
    by_query: Option<EnrichBy>,
    problems: &mut Problems,
) -> Option<Enrich> {
    let enrich = raw.get_ref();
    validate_enriched_columns(resolver, view, enrich, problems);
    let by = match (&enrich.query, &enrich.view) {
        (Some(_), None) => by_query,
        (None, Some(other)) => validate_enrich_by_view(resolver, view, id, other, raw, problems),
        _ => {
            let remedy = "give either \"query\", or \"view\" and \"on\"";
            problems.add(resolver.location_of(raw), "an [[enrich]] wants one of \"query\" and \"view\"", remedy);
            None
        }
    };
    if let (Some(on), Some(_)) = (&enrich.on, &enrich.query) {
        let remedy = "remove it; the query returns the row key as \"key\"";
        problems.add(resolver.location_of(on), "\"on\" beside a query", remedy);
    }
    if let (Some(missing), Some(_)) = (&enrich.missing, &enrich.query) {
        let what = "\"missing\" beside a query";
        problems.add(resolver.location_of(missing), what, "remove it: only a \"view\" knows all of its rows");
    }
    let missing = enrich.missing.as_ref().map(|finding| validate_finding(resolver, view, finding.get_ref(), problems));
    Some(Enrich {
        by: by?,
        missing,
        only_trouble: enrich.only_trouble,
        columns: enrich.columns.get_ref().iter().map(|name| name.get_ref().clone()).collect(),
        absent: enrich.absent.iter().map(|(name, value)| (name.get_ref().clone(), value.clone())).collect(),
    })
}

fn validate_enriched_columns(resolver: &Resolver, view: &RawView, enrich: &RawEnrich, problems: &mut Problems) {
    let columns = enrich.columns.get_ref();
    if columns.is_empty() {
        problems.add(resolver.location_of(&enrich.columns), "an [[enrich]] that fills no column", "name its columns");
    }
    let mut seen = BTreeSet::new();
    for name in columns {
        validate_column_exists(resolver, view, name, problems);
        if !seen.insert(name.get_ref()) {
            let what = format!("the column \"{}\" is named twice", name.get_ref());
            problems.add(resolver.location_of(name), what, "keep one of them");
        }
    }
    for name in enrich.absent.keys() {
        if !columns.iter().any(|column| column == name) {
            let known = columns.iter().map(|column| column.get_ref().as_str());
            resolver.add_unknown("enriched column", name, known, problems);
        }
    }
}

fn validate_enrich_by_view(
    resolver: &Resolver,
    view: &RawView,
    id: &str,
    name: &Name,
    raw: &Spanned<RawEnrich>,
    problems: &mut Problems,
) -> Option<EnrichBy> {
    let enrich = raw.get_ref();
    let view_id = resolver.view(name, problems)?;
    if name.get_ref() == id {
        problems.add(resolver.location_of(name), "a view that enriches itself", "name another view");
    }
    let other = resolver.views.get(name.get_ref())?;
    for column in enrich.columns.get_ref() {
        validate_column_exists(resolver, other, column, problems);
    }
    // In a chain of views each severity would wait for the next one.
    if other.enrich.iter().any(|inner| inner.get_ref().view.is_some()) {
        let what = format!("the view \"{}\" is itself enriched by a view", name.get_ref());
        problems.add(resolver.location_of(name), what, "enrich from the other view directly");
    }
    let Some(on) = &enrich.on else {
        let remedy = "add on = \"..\": the column of this view with the other one's row key";
        problems.add(resolver.location_of(raw), "an [[enrich]] with \"view\" has no \"on\"", remedy);
        return None;
    };
    let keys = view.row_key.get_ref().iter().map(|key| key.get_ref().as_str());
    let known: Vec<&str> = column_names(view).chain(keys).collect();
    if !known.contains(&on.get_ref().as_str()) {
        resolver.add_unknown("column", on, known, problems);
    }
    Some(EnrichBy::View { view: view_id, on: on.get_ref().clone() })
}
