//! `schema.toml`: which source something that it lists is of.

use super::Resolver;
use crate::{
    document::{Name, Problems},
    pack::{Engine, SourceId},
};

/// The source that a table, a collection or a query belongs to: the one that it names, else the only one whose engine
/// fits. `documents` says whether MongoDB is the fitting engine.
pub(super) fn validate_owner(
    resolver: &Resolver,
    owned: &Name,
    named: Option<&Name>,
    documents: bool,
    problems: &mut Problems,
) -> Option<SourceId> {
    let fits = |source: SourceId| (resolver.engine(source) == Engine::MongoDb) == documents;
    if let Some(named) = named {
        let source = resolver.source(named, problems)?;
        if !fits(source) {
            let what = format!("\"{}\" is not in the source \"{}\"", owned.get_ref(), named.get_ref());
            problems.add(resolver.location_of(named), what, "tables are of SQL databases, collections of MongoDB");
        }
        return Some(source);
    }
    let fitting: Vec<SourceId> = (0..resolver.sources.len()).map(SourceId).filter(|source| fits(*source)).collect();
    if let [only] = fitting[..] {
        return Some(only);
    }
    let what = format!("which source is \"{}\" of? {} could have it", owned.get_ref(), fitting.len());
    problems.add(resolver.location_of(owned), what, "add source = \"..\"");
    None
}
