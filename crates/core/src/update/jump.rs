//! Jumps to a view, narrowed to what the jump says.

use opsdash_pack::pack::{Facet, Link, LinkValue, View, ViewId};

use super::{narrowed, navigate};
use crate::{
    attention::AttentionItem,
    format,
    model::{AttentionSpot, Choices, GivenValue, Model, Route, TargetId},
    selection::linked,
    value::{Row, RowKey, Value},
};

/// Opens a view of the target on screen, narrowed to these choices and to nothing else.
pub(super) fn open(model: &mut Model, view: ViewId, choices: Choices) {
    let from = navigate::here(model);
    open_from(model, from, view, choices);
}

fn open_from(model: &mut Model, from: AttentionSpot, view: ViewId, choices: Choices) {
    let narrowed = narrowed::narrow_to(&mut model.target_mut().panels[view.0], choices);
    navigate::switch(model, from, Route::View(view), Some(narrowed));
}

/// Goes to where a link of the row leads, narrowed to what the link says.
pub(super) fn follow_link(model: &mut Model, at: usize) {
    let Some((target, view, Some(row))) = linked(model) else {
        model.notify_error("there is no row here");
        return;
    };
    let pack = &model.targets[target.0].pack;
    let view = pack.view(view);
    let link = &view.links[at];
    let other = link.view;
    match choices_of(link, view, row, pack.view(other)) {
        Ok(choices) => {
            let from = navigate::here(model);
            model.at = target;
            open_from(model, from, other, choices);
        }
        Err(why) => model.notify_error(why),
    }
}

/// What a link sets on the view that it opens.
///
/// # Errors
/// In words: a column has no value in this row, or a value that the other view's facet does not have.
fn choices_of(link: &Link, view: &View, row: &Row, other: &View) -> Result<Choices, String> {
    let text_of = |column: &String| match view.column(column).map(|at| (&row.cells[at], view.columns[at].format)) {
        Some((Value::Null | Value::Unknown, _)) | None => None,
        Some((value, format)) => Some(format::plain(value, format)),
    };
    let value_of = |value: &LinkValue| match value {
        LinkValue::Constant(text) => Ok(text.clone()),
        LinkValue::Column(column) => text_of(column).ok_or_else(|| format!("this row has no {column}")),
    };
    let label = link.label.as_ref().and_then(text_of);
    let mut choices = Choices::of(other);
    for (name, set) in &link.set {
        let value = value_of(set)?;
        if let Some(at) = other.facets.iter().position(|facet| facet.name == *name) {
            choices.facets[at] = choice(other, &other.facets[at], value)?;
        } else {
            let label = label.clone().filter(|_| matches!(set, LinkValue::Column(_)));
            choices.given.push(GivenValue { name: name.clone(), label: label.unwrap_or_else(|| value.clone()), value });
        }
    }
    if let Some(search) = &link.search {
        choices.search = value_of(search)?;
    }
    Ok(choices)
}

/// The choice of a facet with that value; `None` is the default one.
///
/// # Errors
/// In words, that the facet has no such choice.
fn choice(view: &View, facet: &Facet, value: String) -> Result<Option<String>, String> {
    if !facet.takes(&value) {
        return Err(format!("{} has no {} \"{}\"", view.title, facet.title, format::line(&value)));
    }
    Ok(Some(value).filter(|value| value != facet.default_choice()))
}

/// From the overview to a view of this or another target, and to a row of it, under the choices that the overview speaks
/// of.
pub(super) fn to_item(model: &mut Model, line: &AttentionItem) {
    to_row(model, line.target, line.view, line.is_row().then(|| line.key.clone()));
}

/// To a view of this or another target under its default choices, with the cursor on a row where one is named.
pub(super) fn to_row(model: &mut Model, target: TargetId, view: ViewId, key: Option<RowKey>) {
    let from = navigate::here(model);
    model.at = target;
    let choices = Choices::of(model.pack().view(view));
    let panel = &mut model.target_mut().panels[view.0];
    let narrowed = narrowed::narrow_to(panel, choices);
    if key.is_some() {
        panel.list.key = key;
    }
    navigate::switch(model, from, Route::View(view), Some(narrowed));
}
