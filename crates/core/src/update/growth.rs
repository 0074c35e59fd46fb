//! Rows that are held against what they were some days ago, and what is remembered of them for the days to come.

use opsdash_pack::pack::{View, ViewId};

use super::across;
use crate::{
    contract::Part,
    days::{self, DayMemory, DayValue, Grown},
    effect::Effect,
    model::{Model, Snapshot, TargetId, TargetState},
    scope::ScopeChoice,
    time::{Date, Time, Zone},
    value::{Doubt, NotKnown, Row, Value},
};

/// What is remembered, or why it cannot be read.
pub(super) type Remembered<'a> = Result<&'a DayMemory, &'a str>;

/// Fills the columns of a row with how much others have grown, and judges it by that.
pub(super) fn judge(view: &View, row: &mut Row, scope: Option<&str>, memory: Remembered<'_>, now: Time) {
    let Some(today) = Date::of(now, &Zone::Utc) else { return };
    for growth in &view.growth {
        let grown = match (&row.cells[growth.column], memory) {
            (Value::Int(value), Ok(memory)) => {
                let column = days::column_name(view, growth.column, scope);
                Some(memory.grown(&column, &row.key, (today, *value), growth.days))
            }
            (Value::Int(_), Err(why)) => {
                row.cells[growth.fills] = Value::Unknown;
                if growth.most.is_some() {
                    let what = format!("what it was on earlier days cannot be read: {why}");
                    across::doubt(row, view, &NotKnown::new(Doubt::NotLoaded, what), now);
                }
                continue;
            }
            (Value::Unknown, _) => {
                row.cells[growth.fills] = Value::Unknown;
                continue;
            }
            _ => None,
        };
        row.cells[growth.fills] = grown.map_or(Value::Null, |grown| days::shown(grown, growth.days));
        #[expect(clippy::cast_precision_loss, reason = "a limit of that many percent is none")]
        let is_over = |percent: i64| matches!(grown, Some(Grown::By(by)) if by > percent as f64);
        if let Some(most) = growth.most.as_ref().filter(|most| is_over(most.percent)) {
            across::find(row, view, &most.finding, now);
        }
    }
}

/// Remembers what rows are on a day that is not remembered yet. Only as everybody sees them: what is chosen may change what
/// a query counts.
pub(super) fn remember(model: &mut Model, id: TargetId, view_id: ViewId, part: Part, effects: &mut Vec<Effect>) {
    let target = &mut model.targets[id.0];
    let pack = target.pack.clone();
    let view = pack.view(view_id);
    let values = match (part, &target.days) {
        _ if view.growth.is_empty() => return,
        (Part::List, Ok(_)) if !target.panel(view_id).choices.is_default() => return,
        (Part::List | Part::Summary, Ok(memory)) => new_values(target, view_id, view, part, memory),
        _ => return,
    };
    if values.is_empty() {
        return;
    }
    if let Ok(memory) = &mut target.days {
        values.iter().cloned().for_each(|value| memory.add(value));
    }
    model.keeping_days += 1;
    effects.push(Effect::KeepDays { target: id, values });
}

fn new_values(target: &TargetState, id: ViewId, view: &View, part: Part, memory: &DayMemory) -> Vec<DayValue> {
    let panel = target.panel(id);
    let snapshot: Option<&Snapshot> = if part == Part::List { panel.snapshot.as_ref() } else { panel.summary.as_ref() };
    let Some(snapshot) = snapshot else { return Vec::new() };
    let Some(day) = Date::of(snapshot.server_now, &Zone::Utc) else { return Vec::new() };
    let scope = target.scope_of(id).and_then(ScopeChoice::id);
    let mut values = Vec::new();
    let mut columns: Vec<usize> = view.growth.iter().map(|growth| growth.column).collect();
    columns.dedup();
    for at in columns {
        let column = days::column_name(view, at, scope);
        for row in snapshot.rows.iter().filter(|row| row.old.is_none()) {
            if let Value::Int(value) = row.cells[at]
                && !memory.has(&column, &row.key, day)
            {
                values.push(DayValue { column: column.clone(), key: row.key.clone(), day, value });
            }
        }
    }
    values
}
