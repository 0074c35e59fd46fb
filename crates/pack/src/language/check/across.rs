//! Rows that are compared with each other.

use super::{Resolver, links::validate_column_exists};
use crate::{
    document::{Name, Problems},
    language::words::{RawAcross, RawView},
    pack::{Across, AcrossRule, Column, Finding},
};

/// The rules of a view. Their columns are the view's, and what they fill nothing else fills.
pub(super) fn validate_across(
    resolver: &Resolver,
    view: &RawView,
    columns: &[Column],
    problems: &mut Problems,
) -> Vec<Across> {
    view.across.iter().filter_map(|raw| validate_rule(resolver, view, raw, columns, problems)).collect()
}

fn validate_rule(
    resolver: &Resolver,
    view: &RawView,
    raw: &RawAcross,
    columns: &[Column],
    problems: &mut Problems,
) -> Option<Across> {
    let mut column = |name: &Name| {
        validate_column_exists(resolver, view, name, problems);
        columns.iter().position(|column| column.name == *name.get_ref())
    };
    let compared = column(&raw.column);
    let per = raw.per.as_ref().map(&mut column);
    let to = raw.to.as_ref().map(&mut column);
    let fills = raw.fills.as_ref().map(&mut column);
    let behind = raw.behind.as_ref().map(&mut column);
    if let Some(kind) = &view.kind {
        let what = "[[across]] in a view of files is not served";
        problems.add(resolver.location_of(kind), what, "remove it: files are judged one by one");
    }
    let rule = match (raw.rule.get_ref().as_str(), to) {
        ("sum", Some(to)) => AcrossRule::Sum { to: to? },
        ("sum", None) => {
            problems.add(
                resolver.location_of(&raw.rule),
                "a sum without \"to\"",
                "name the column with what it should be",
            );
            return None;
        }
        (word, to) => {
            if let (Some(_), Some(name)) = (to, &raw.to) {
                let what = format!("\"to\" beside the rule \"{word}\"");
                problems.add(resolver.location_of(name), what, "remove it: only a sum is held against a column");
            }
            if word == "newest" { AcrossRule::Newest } else { AcrossRule::Majority }
        }
    };
    if let (AcrossRule::Majority, Some(behind)) = (rule, &raw.behind) {
        let what = "\"behind\" beside the rule \"majority\"";
        problems.add(resolver.location_of(behind), what, "remove it: a row that differs is not behind");
    }
    if !view.reason.keys().any(|known| known.get_ref() == raw.reason.get_ref()) {
        let what = format!("the view describes no reason \"{}\"", raw.reason.get_ref());
        let remedy = format!("add [reason.{}] with \"says\" and \"means\"", raw.reason.get_ref());
        problems.add(resolver.location_of(&raw.reason), what, remedy);
    }
    let finding = Finding { is_crit: raw.severity.get_ref() == "crit", reason: raw.reason.get_ref().clone() };
    let flat = |column: Option<Option<usize>>| column.flatten();
    Some(Across { column: compared?, rule, per: flat(per), fills: flat(fills), behind: flat(behind), finding })
}
