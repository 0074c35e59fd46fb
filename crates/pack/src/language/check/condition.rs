//! Under which values of its rows an action applies, and what is said of the others.

use std::collections::BTreeMap;

use super::{Name, Resolver};
use crate::{
    document::{Problems, suggest},
    language::{
        template::{self, WrittenPart},
        words::{RawAction, RawOtherwise, RawView},
    },
    pack::{Otherwise, OtherwisePart, WayOut},
};

/// A column of the preview with the values under which the action applies; `None` is NULL.
pub(super) fn validate_when(
    resolver: &Resolver,
    column: &Name,
    values: &toml::Spanned<Vec<String>>,
    problems: &mut Problems,
) -> (String, Vec<Option<String>>) {
    resolver.validate_id("column", column, problems);
    if values.get_ref().is_empty() {
        let what = format!("\"when\" names no value of \"{}\"", column.get_ref());
        problems.add(
            resolver.location_of(values),
            what,
            "list the values under which the action applies, or remove the column",
        );
    }
    let value = |text: &String| (text != "null").then(|| text.clone());
    (column.get_ref().clone(), values.get_ref().iter().map(value).collect())
}

/// What is said of rows that are not as `when` wants them. It is about columns of `when`, and leads to actions that the view
/// has.
pub(super) fn validate_otherwise(
    resolver: &Resolver,
    view: &RawView,
    raw: &RawAction,
    problems: &mut Problems,
) -> BTreeMap<String, Otherwise> {
    let mut all = BTreeMap::new();
    for (column, written) in &raw.otherwise {
        let conditions = || raw.when.keys().map(|name| name.get_ref().as_str());
        if conditions().all(|name| name != column.get_ref()) {
            let what = format!("\"otherwise\" of \"{}\", which \"when\" does not name", column.get_ref());
            problems.add(resolver.location_of(column), what, suggest(column.get_ref(), conditions()));
        }
        let RawOtherwise { says, action } = written.get_ref();
        let location = resolver.location_of(says);
        let says = match template::parse(says.get_ref()) {
            Ok(parts) => parts,
            Err(error) => {
                problems.add(location, error.what, error.remedy);
                continue;
            }
        };
        let part = |part: WrittenPart| match part {
            WrittenPart::Text(text) => Some(OtherwisePart::Text(text)),
            WrittenPart::Cell { column, format: None } => Some(OtherwisePart::Cell(column)),
            _ => None,
        };
        let count = says.len();
        let says: Vec<OtherwisePart> = says.into_iter().filter_map(part).collect();
        if says.len() < count {
            let what = "a sentence of \"otherwise\" with more than columns";
            problems.add(location, what, "write {column}: the preview returns texts, so let its query word them");
        }
        let way_out = action.as_ref().and_then(|name| way_out(resolver, view, raw, name, problems));
        all.insert(column.get_ref().clone(), Otherwise { says, way_out });
    }
    all
}

/// The action of the view that leads out of a refusal of another one.
fn way_out(
    resolver: &Resolver,
    view: &RawView,
    raw: &RawAction,
    name: &Name,
    problems: &mut Problems,
) -> Option<WayOut> {
    let others = || view.action.iter().filter(|other| other.id.get_ref() != raw.id.get_ref());
    let found = others().find(|other| other.id.get_ref() == name.get_ref());
    let Some(found) = found else {
        let what = format!("this view has no other action \"{}\"", name.get_ref());
        let known = others().map(|other| other.id.get_ref().as_str());
        problems.add(resolver.location_of(name), what, suggest(name.get_ref(), known));
        return None;
    };
    Some(WayOut { action: name.get_ref().clone(), press: found.press.get_ref().chars().next()? })
}
