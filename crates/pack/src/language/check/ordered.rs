//! The choices under which a view's query is in the order of severities.

use std::collections::BTreeMap;

use super::Resolver;
use crate::{
    document::{Problems, suggest},
    language::words::RawView,
    pack::Engine,
};

/// Every name is a facet of the view, and every choice one of that facet. The rows are the query's own, with no other
/// judge, and the engine can leave them uncounted.
pub(super) fn validate_ordered(
    resolver: &Resolver,
    view: &RawView,
    engine: Engine,
    problems: &mut Problems,
) -> BTreeMap<String, Vec<String>> {
    let mut ordered = BTreeMap::new();
    for (name, choices) in &view.ordered {
        let location = resolver.location_of(name);
        if engine == Engine::MongoDb {
            let what = format!("\"ordered\" is not served by {}", engine.word());
            problems.add(location, what, "remove it: rows come with their counts");
            return BTreeMap::new();
        }
        if view.files.is_some() || view.enrich.iter().any(|enrich| enrich.get_ref().view.is_some()) {
            let what = "\"ordered\" where something else judges the rows too";
            problems.add(location, what, "remove it: the query alone does not know their order");
            return BTreeMap::new();
        }
        let Some(facet) = view.facet.iter().find(|facet| facet.name.get_ref() == name.get_ref()) else {
            let what = format!("there is no facet \"{}\"", name.get_ref());
            problems.add(
                location,
                what,
                suggest(name.get_ref(), view.facet.iter().map(|of| of.name.get_ref().as_str())),
            );
            continue;
        };
        if choices.is_empty() {
            let what = format!("no choice of \"{}\"", name.get_ref());
            problems.add(location, what, "list those under which the rows come worst first, or remove it");
        }
        let known: Vec<&str> = facet.choices.get_ref().iter().map(|choice| choice.get_ref().as_str()).collect();
        for choice in choices.iter().filter(|choice| !known.contains(&choice.get_ref().as_str())) {
            let what = format!("the facet \"{}\" has no choice \"{}\"", name.get_ref(), choice.get_ref());
            problems.add(resolver.location_of(choice), what, suggest(choice.get_ref(), known.iter().copied()));
        }
        ordered.insert(name.get_ref().clone(), choices.iter().map(|choice| choice.get_ref().clone()).collect());
    }
    ordered
}
