//! Whose rows are seen: the `[scope]` of a pack, and which of its views are asked within it.

use toml::Spanned;

use super::{
    Name, Resolver,
    statements::{ParsedStatement, validate_statement},
};
use crate::{
    document::Problems,
    language::words::{RawScope, RawView},
    pack::{Engine, SCOPE, Scope, SourceId},
};

/// The scope of a pack; `None` after a problem.
pub(super) fn validate_scope(resolver: &Resolver, raw: &Spanned<RawScope>, problems: &mut Problems) -> Option<Scope> {
    let raw = raw.get_ref();
    let source = validate_source(resolver, &raw.source, problems);
    validate_title(resolver, &raw.title, problems);
    validate_setting(resolver, &raw.setting, problems);
    let query = validate_statement(resolver, &raw.query, Engine::PostgreSql, problems);
    for (param, location) in query.iter().flat_map(ParsedStatement::params) {
        let remedy = "write the value: the query lists what can be chosen before anything is";
        problems.add(location.clone(), format!("the parameter :{} in the query of the scope", param.name), remedy);
    }
    Some(Scope {
        title: raw.title.get_ref().clone(),
        source: source?,
        setting: raw.setting.get_ref().clone(),
        query: query?.statement,
    })
}

/// Only PostgreSQL has row-level security that reads a setting, and without the source nothing could be chosen.
fn validate_source(resolver: &Resolver, name: &Name, problems: &mut Problems) -> Option<SourceId> {
    let source = resolver.source(name, problems)?;
    let spec = &resolver.sources[source.0];
    if spec.engine != Engine::PostgreSql {
        let what = format!("a scope on \"{}\", a source of {}", spec.name, spec.engine.word());
        let remedy = "only policies of PostgreSQL read a setting; name such a source, or remove [scope]";
        problems.add(resolver.location_of(name), what, remedy);
        return None;
    }
    if spec.family.is_some() {
        let what = format!("a scope on \"{}\", which stands for many databases, is not served", spec.name);
        problems.add(resolver.location_of(name), what, "remove [scope]: a database for each is a fence already");
        return None;
    }
    if spec.family.is_some() {
        let what = format!("a scope on \"{}\", which stands for many databases", spec.name);
        problems.add(resolver.location_of(name), what, "name a source that is one database, or remove [scope]");
    }
    if spec.optional {
        let what = format!("a scope on \"{}\", which a target may leave out", spec.name);
        problems.add(resolver.location_of(name), what, "remove optional = true from the source");
    }
    Some(source)
}

/// The title stands within sentences.
fn validate_title(resolver: &Resolver, title: &Name, problems: &mut Problems) {
    let text = title.get_ref();
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        problems.add(resolver.location_of(title), "a scope without a title", "say what one of them is: \"client\"");
    }
}

/// A setting of one's own has a point in its name. Any other is one of the server's, such as `role`.
fn validate_setting(resolver: &Resolver, setting: &Name, problems: &mut Problems) {
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
    };
    let parts: Vec<&str> = setting.get_ref().split('.').collect();
    if parts.len() < 2 || !parts.iter().all(|part| is_name(part)) {
        let what = format!("the setting \"{}\"", setting.get_ref());
        let remedy = "name the setting that the policies read, with its point: \"app.current_client_id\"";
        problems.add(resolver.location_of(setting), what, remedy);
    }
}

/// Whether a view is asked within the scope.
pub(super) fn is_scoped(resolver: &Resolver, raw: &RawView, source: SourceId) -> bool {
    resolver.scope == Some(source) && raw.scoped.as_ref().is_none_or(|scoped| *scoped.get_ref())
}

/// `scoped = true` is said where there is a scope.
pub(super) fn validate_scoped(resolver: &Resolver, raw: &RawView, source: SourceId, problems: &mut Problems) {
    let Some(scoped) = raw.scoped.as_ref().filter(|scoped| *scoped.get_ref()) else { return };
    if resolver.scope != Some(source) {
        let remedy = "remove it: only views of the source that [scope] in pack.toml names are asked within a scope";
        problems.add(resolver.location_of(scoped), "\"scoped\" where there is no scope", remedy);
    }
}

/// What to do about `:scope` in a query that is not asked within a scope.
pub(super) const NOT_SCOPED: (&str, &str) =
    (SCOPE, "only queries of views that are asked within the [scope] of the pack take :scope");
