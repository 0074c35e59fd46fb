//! What `doctor` finds: the schema that a pack documents, held against the facts of a server. Pure; the facts come from
//! the sources.

mod constraints;
mod grants;
mod indexes;
mod link;
mod login;
mod members;
mod objects;
mod scope;
mod tables;
mod writer;

#[cfg(test)]
mod sqlserver_tests;
#[cfg(test)]
mod tests;

pub use grants::{OPERATOR, READER, grants};
pub use members::InspectedMembers;

use opsdash_pack::pack::{Engine, Naming, Pack, SchemaTable, SourceId, SourceSchema};

use crate::{
    contract::{Facts, Failure, FailureKind, FoundTable},
    scope::ScopeList,
    value::Severity,
};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The source that it is of.
    pub source: String,
    /// `Ok` when nothing has to be done; with a fix it is a hint.
    pub severity: Severity,
    /// What was looked at: `index jobs(state)`.
    pub subject: String,
    /// What was found.
    pub found: String,
    /// What to do about it; empty when nothing is.
    pub fix: String,
}

impl Finding {
    /// Whether it is in order, and yet something is worth doing or knowing.
    #[must_use]
    pub fn is_hint(&self) -> bool {
        self.severity == Severity::Ok && !self.fix.is_empty()
    }
}

/// What came of asking a source.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspected {
    /// The source.
    pub source: SourceId,
    /// What it is, or why nobody knows.
    pub outcome: Result<Facts, Failure>,
    /// Whether its password is one that the system's document prints.
    pub has_default_password: bool,
    /// What can be chosen of the scope, or why that cannot be listed; `None` where the source has no scope, or nothing
    /// could be asked.
    pub scopes: Option<Result<ScopeList, Failure>>,
    /// Of a family: its databases, of which [`Inspected::outcome`] is any one; `None` where the source is one database.
    pub members: Option<InspectedMembers>,
}

/// Everything that is to be said of a source, worst first.
#[must_use]
pub fn examine(pack: &Pack, inspected: &Inspected) -> Vec<Finding> {
    let scope = pack.scope.as_ref().filter(|scope| scope.source == inspected.source);
    let mut findings = Findings::of(pack, inspected.source);
    if inspected.has_default_password {
        let fix = "change it on the server, then in opsdash's config";
        findings.add(Severity::Crit, "password", "it is one that the system's document prints", fix);
    }
    match &inspected.outcome {
        Ok(facts) => {
            link::examine(&mut findings, facts);
            login::examine(&mut findings, facts);
            if let Some(members) = &inspected.members {
                members::examine(&mut findings, members);
            } else {
                tables::examine(&mut findings, facts);
                objects::examine(&mut findings, &facts.catalog);
            }
            writer::examine(&mut findings, facts);
            if let (Some(scope), Some(listed)) = (scope, &inspected.scopes) {
                scope::examine(&mut findings, scope, listed);
            }
        }
        Err(failure) if failure.kind == FailureKind::Privilege => {
            findings.crit(
                "login",
                &failure.message,
                "opsdash doctor --grants prints a login that may read this database",
            );
        }
        Err(failure) if failure.kind == FailureKind::NotConfigured => {
            findings.hint("source", &failure.message, failure.hint());
        }
        Err(failure) => findings.crit("connection", &failure.message, failure.hint()),
    }
    findings.found.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), !finding.is_hint()));
    findings.found
}

/// What no source can tell, once for a system.
#[must_use]
pub fn by_hand(pack: &Pack) -> Vec<Finding> {
    let hint = |what: &opsdash_pack::pack::ManualCheck| Finding {
        source: String::new(),
        severity: Severity::Ok,
        subject: what.what.clone(),
        found: "cannot be checked from here".to_owned(),
        fix: what.how.clone(),
    };
    pack.schema.by_hand.iter().map(hint).collect()
}

/// Placeholders of the runbook that nobody has filled, once for a system.
#[must_use]
pub fn unfilled(pack: &Pack) -> Vec<Finding> {
    let finding = |name: &str| Finding {
        source: String::new(),
        severity: Severity::Warn,
        subject: format!("runbook [{name}]"),
        found: "it is not filled in".to_owned(),
        fix: format!(
            "write it in ~/.config/opsdash/packs/{}/runbook.toml, under [placeholder]: \"{name}\" = \"..\"",
            pack.system
        ),
    };
    pack.runbook.unfilled().map(finding).collect()
}

/// The findings of one source, and what they are judged by.
struct Findings<'a> {
    pack: &'a Pack,
    engine: Engine,
    name: &'a str,
    schema: &'a SourceSchema,
    /// Whether its rows are seen by scopes.
    is_scoped: bool,
    found: Vec<Finding>,
}

impl<'a> Findings<'a> {
    /// Nothing yet, of a source.
    fn of(pack: &'a Pack, source: SourceId) -> Self {
        static EMPTY: std::sync::LazyLock<SourceSchema> = std::sync::LazyLock::new(SourceSchema::default);
        let schema = pack.schema.sources.get(source.0).unwrap_or(&EMPTY);
        let is_scoped = pack.scope.as_ref().is_some_and(|scope| scope.source == source);
        let spec = pack.source(source);
        Self { pack, engine: spec.engine, name: &spec.name, schema, is_scoped, found: Vec::new() }
    }
}

impl Findings<'_> {
    fn add(&mut self, severity: Severity, subject: &str, found: &str, fix: &str) {
        let inert = |text: &str| crate::text::one_line(&crate::text::inert(text)).into_owned();
        self.found.push(Finding {
            source: self.name.to_owned(),
            severity,
            subject: inert(subject),
            found: inert(found),
            fix: inert(fix),
        });
    }

    fn ok(&mut self, subject: &str, found: &str) {
        self.add(Severity::Ok, subject, found, "");
    }

    fn hint(&mut self, subject: &str, found: &str, fix: &str) {
        self.add(Severity::Ok, subject, found, fix);
    }

    fn warn(&mut self, subject: &str, found: &str, fix: &str) {
        self.add(Severity::Warn, subject, found, fix);
    }

    fn crit(&mut self, subject: &str, found: &str, fix: &str) {
        self.add(Severity::Crit, subject, found, fix);
    }

    /// How many findings there are that somebody should mend.
    fn troubles(&self) -> usize {
        self.found.iter().filter(|finding| finding.severity != Severity::Ok).count()
    }
}

/// A name in SQL, whatever it is.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A table in SQL: with its schema, where queries do not find it without.
fn table_in_sql(table: &FoundTable) -> String {
    let name = quoted(&table.name);
    if table.visible || table.schema.is_empty() { name } else { format!("{}.{name}", quoted(&table.schema)) }
}

/// The table of a documented one among those that are there. Without a documented schema the one that queries reach
/// comes first.
fn find_table<'a>(documented: &SchemaTable, naming: Naming, tables: &'a [FoundTable]) -> Option<&'a FoundTable> {
    let name = naming.of(&documented.name);
    tables.iter().find(|table| table.name == name && is_in_schema(documented, table))
}

fn is_in_schema(documented: &SchemaTable, table: &FoundTable) -> bool {
    documented.schema.as_ref().is_none_or(|schema| *schema == table.schema)
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The first few, and how many there are.
fn shortened(found: &[String]) -> String {
    const SHOWN: usize = 3;
    let more = found.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{more}", found[..found.len().min(SHOWN)].join("; "))
}
