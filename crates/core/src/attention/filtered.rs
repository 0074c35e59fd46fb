//! The list under a filter: every row that passes, none folded, for what is looked for may stand within a fold.

use std::sync::LazyLock;

use opsdash_pack::pack::Column;

use super::{AttentionItem, AttentionOrder, LINES, LineKind, Rank, view_lines::ViewLines, why_dead, why_unchosen};
use crate::{
    filter::{Candidate, Filter},
    format,
    model::{Model, TargetState},
    value::{Row, Value},
};

/// What a filter of the list may ask for, beside `severity`, `why` and `reason`: the target, the title of the view (of a
/// source its name), and what the row is called.
#[must_use]
pub fn columns() -> &'static [Column] {
    static COLUMNS: LazyLock<[Column; 3]> = LazyLock::new(|| ["target", "view", "name"].map(Column::plain));
    &*COLUMNS
}

pub(super) fn lines(
    model: &Model,
    filter: &Filter,
    dead: impl Iterator<Item = AttentionItem>,
    unchosen: impl Iterator<Item = (Rank, AttentionItem)>,
    parts: &[ViewLines<'_>],
) -> Vec<AttentionItem> {
    let mut lines: Vec<AttentionItem> = dead.filter(|line| accepts_source(model, filter, line)).collect();
    let rows = parts.iter().flat_map(|part| part.passing(|row| accepts_row(model, filter, part, row)));
    let mut ranked: Vec<_> = unchosen.filter(|(_, line)| accepts_source(model, filter, line)).chain(rows).collect();
    if model.attention.order == AttentionOrder::Causes {
        ranked.sort_by_key(|(rank, _)| *rank);
    }
    lines.extend(ranked.into_iter().map(|(_, line)| line).take(LINES));
    lines
}

fn accepts_row(model: &Model, filter: &Filter, part: &ViewLines<'_>, row: &Row) -> bool {
    let target = part.target();
    let view = target.pack.view(part.view());
    let cells = cells(target, &view.title, &format::label(view, row));
    filter.accepts(&Candidate { cells: &cells, ..Candidate::of(row, model.clock.utc) })
}

fn accepts_source(model: &Model, filter: &Filter, line: &AttentionItem) -> bool {
    let LineKind::Source(source) = line.kind else { return false };
    let target = &model.targets[line.target.0];
    let why = why_dead(target, source).cloned().or_else(|| Some(why_unchosen(target)?.1));
    let why = why.map(|why| why.to_string()).unwrap_or_default();
    let cells = cells(target, &target.pack.source(source).name, "");
    let (severity, now) = (line.severity, model.clock.utc);
    filter.accepts(&Candidate { severity, why: &why, reason: None, cells: &cells, now })
}

fn cells(target: &TargetState, view: &str, name: &str) -> [Value; 3] {
    [target.name.as_str(), view, name].map(|text| Value::Text(text.into()))
}
