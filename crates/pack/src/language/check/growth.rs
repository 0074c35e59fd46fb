//! Values that are held against what they were some days ago.

use super::{Resolver, links::validate_column_exists};
use crate::{
    document::{Name, Problems},
    language::words::{RawGrowth, RawView},
    pack::{Column, Finding, GROWTH_DAYS, Growth, GrowthLimit},
};

/// The rules of a view. Their columns are the view's, and what they fill the query does not return.
pub(super) fn validate_growth(
    resolver: &Resolver,
    view: &RawView,
    columns: &[Column],
    problems: &mut Problems,
) -> Vec<Growth> {
    view.growth.iter().filter_map(|raw| validate_rule(resolver, view, raw, columns, problems)).collect()
}

fn validate_rule(
    resolver: &Resolver,
    view: &RawView,
    raw: &RawGrowth,
    columns: &[Column],
    problems: &mut Problems,
) -> Option<Growth> {
    let mut column = |name: &Name| {
        validate_column_exists(resolver, view, name, problems);
        columns.iter().position(|column| column.name == *name.get_ref())
    };
    let (remembered, fills) = (column(&raw.column), column(&raw.fills));
    if let Some(kind) = &view.kind {
        let what = "[[growth]] in a view of files is not served";
        problems.add(resolver.location_of(kind), what, "remove it: what files are is told by their catalog");
    }
    if raw.column.get_ref() == raw.fills.get_ref() {
        let what = format!("\"{}\" is remembered and filled", raw.fills.get_ref());
        problems.add(resolver.location_of(&raw.fills), what, "give the growth a column of its own");
    }
    let days = i32::try_from(*raw.days.get_ref()).ok().filter(|days| (1..=GROWTH_DAYS).contains(days));
    if days.is_none() {
        let what = format!("{} days", raw.days.get_ref());
        problems.add(resolver.location_of(&raw.days), what, format!("say 1 to {GROWTH_DAYS}"));
    }
    let most = validate_limit(resolver, view, raw, problems);
    Some(Growth { column: remembered?, days: days?, fills: fills?, most })
}

/// How much is too much, how bad that is and why: all three or none.
fn validate_limit(
    resolver: &Resolver,
    view: &RawView,
    raw: &RawGrowth,
    problems: &mut Problems,
) -> Option<GrowthLimit> {
    let (over, severity, reason) = match (&raw.over, &raw.severity, &raw.reason) {
        (None, None, None) => return None,
        (Some(over), Some(severity), Some(reason)) => (over, severity, reason),
        _ => {
            let what = "a growth with some of \"over\", \"severity\" and \"reason\"";
            problems.add(resolver.location_of(&raw.column), what, "give all three, or none");
            return None;
        }
    };
    if *over.get_ref() < 0 {
        let what = format!("a growth over {} percent", over.get_ref());
        problems.add(resolver.location_of(over), what, "give a number from 0 on");
    }
    if !view.reason.keys().any(|known| known.get_ref() == reason.get_ref()) {
        let what = format!("the view describes no reason \"{}\"", reason.get_ref());
        let remedy = format!("add [reason.{}] with \"says\" and \"means\"", reason.get_ref());
        problems.add(resolver.location_of(reason), what, remedy);
    }
    let finding = Finding { is_crit: severity.get_ref() == "crit", reason: reason.get_ref().clone() };
    Some(GrowthLimit { percent: *over.get_ref(), finding })
}
