//! The databases of a family, each held against the schema; what several of them have in common is told once.

use opsdash_pack::pack::{Pack, SourceId};

use super::{Finding, Findings, objects, tables};
use crate::{
    contract::{Facts, FailedMember, Failure, NamedMember},
    value::Severity,
};

/// Names of databases that one finding tells.
const NAMED: usize = 5;

/// What came of asking every database of a family.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct InspectedMembers {
    answered: usize,
    /// Those that could not be asked.
    silent: Vec<FailedMember>,
    /// What was found, and in which of them.
    found: Vec<(Finding, Vec<String>)>,
}

impl InspectedMembers {
    /// Takes in what one database is, or why nobody knows.
    pub fn add(&mut self, pack: &Pack, source: SourceId, member: NamedMember, outcome: Result<Facts, Failure>) {
        let facts = match outcome {
            Ok(facts) => facts,
            Err(failure) => return self.silent.push(FailedMember::new(member, failure)),
        };
        self.answered += 1;
        let mut findings = Findings::of(pack, source);
        tables::examine(&mut findings, &facts);
        objects::examine(&mut findings, &facts.catalog);
        for finding in findings.found {
            match self.found.iter_mut().find(|(known, _)| *known == finding) {
                Some((_, names)) => names.push(member.name.clone()),
                None => self.found.push((finding, vec![member.name.clone()])),
            }
        }
    }

    /// Whether of any of them nothing is known.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        !self.silent.is_empty()
    }
}

/// What is to be said of them: what only some have names them.
pub(super) fn examine(findings: &mut Findings<'_>, members: &InspectedMembers) {
    let of = members.answered;
    for (finding, names) in &members.found {
        let is_well = finding.severity == Severity::Ok && finding.fix.is_empty();
        let whose = match names.len() {
            n if n == of => format!("in each of {of} databases"),
            n if is_well => format!("in {n} of {of} databases"),
            n => format!("in {n} of {of} databases: {}", listed(names.clone())),
        };
        findings.add(finding.severity, &finding.subject, &format!("{}, {whose}", finding.found), &finding.fix);
    }
    let mut kinds: Vec<_> = members.silent.iter().map(|member| member.failure.kind).collect();
    kinds.dedup();
    kinds.sort_by_key(|kind| kind.word());
    kinds.dedup();
    for kind in kinds {
        let silent: Vec<&FailedMember> = members.silent.iter().filter(|member| member.failure.kind == kind).collect();
        let names = listed(silent.iter().map(|member| member.name.clone()).collect());
        let all = of + members.silent.len();
        let found = format!("{} of {all} could not be asked ({}): {names}", silent.len(), kind.word());
        findings.add(Severity::Unknown, "databases", &found, silent.first().map_or("", |member| member.failure.hint()));
    }
}

/// The first names in order, and how many there are beside them.
fn listed(mut names: Vec<String>) -> String {
    names.sort();
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names.truncate(NAMED);
    format!("{}{more}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::FailureKind;

    fn finding(severity: Severity, subject: &str, fix: &str) -> Finding {
        Finding {
            source: "tenants".into(),
            severity,
            subject: subject.into(),
            found: "missing".into(),
            fix: fix.into(),
        }
    }

    #[test]
    fn what_some_databases_lack_is_told_once_with_their_names_and_who_is_silent_is_unknown() {
        let pack = crate::doctor::tests::pack();
        let pack = &pack;
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let silent = NamedMember { name: "z".into(), kind: "tenant".into(), label: None };
        let members = InspectedMembers {
            answered: 7,
            silent: vec![FailedMember::new(silent, Failure::new(FailureKind::Privilege, "no"))],
            found: vec![
                (finding(Severity::Crit, "table stocks", "migrate"), names(&["c", "a", "b"])),
                (finding(Severity::Warn, "index x", "make it"), names(&["g", "f", "e", "d", "c", "b"])),
                (finding(Severity::Ok, "tables", ""), names(&["a", "b", "c", "d", "e", "f", "g"])),
            ],
        };
        let mut findings = Findings::of(pack, SourceId(0));
        examine(&mut findings, &members);
        let told: Vec<(Severity, &str, &str)> =
            findings.found.iter().map(|found| (found.severity, &*found.subject, &*found.found)).collect();
        let expected = [
            (Severity::Crit, "table stocks", "missing, in 3 of 7 databases: a, b, c"),
            (Severity::Warn, "index x", "missing, in 6 of 7 databases: b, c, d, e, f and 1 more"),
            (Severity::Ok, "tables", "missing, in each of 7 databases"),
            (Severity::Unknown, "databases", "1 of 8 could not be asked (no privilege): z"),
        ];
        assert_eq!(told, expected);
    }
}
