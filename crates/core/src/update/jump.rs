//! Jumps to a view, narrowed to what the jump says.

use opsdash_pack::pack::ViewId;

use super::{narrow, navigate};
use crate::{
    attention::AttentionItem,
    model::{Choices, Model, Route, ScopeValue},
};

/// Opens a view narrowed to these choices and to nothing else.
pub(super) fn open(model: &mut Model, view: ViewId, choices: Choices) {
    narrow::set_choices(&mut model.target_mut().panels[view.0], choices);
    navigate::go_to(model, Route::View(view));
}

/// Opens a view narrowed to what a link says, and to nothing else.
pub(super) fn follow_link(model: &mut Model, view: ViewId, scopes: Vec<ScopeValue>) {
    let pack = model.pack().clone();
    let facets = pack.view(view).facets.iter();
    // A link may set a facet too: then it is a choice, and what is left are scopes.
    let chosen = |facet: &opsdash_pack::pack::Facet| {
        let set = scopes.iter().find(|scope| scope.name == facet.name);
        set.and_then(|scope| facet.choices.iter().position(|choice| *choice == scope.value)).unwrap_or(0)
    };
    let facets: Vec<usize> = facets.map(chosen).collect();
    let is_scope = |scope: &ScopeValue| pack.view(view).scopes.iter().any(|known| known.name == scope.name);
    let choices = Choices { facets, search: String::new(), scopes: scopes.into_iter().filter(is_scope).collect() };
    open(model, view, choices);
}

/// From the overview to a view of this or another target, and to a row of it, under the choices that the overview speaks
/// of.
pub(super) fn to_item(model: &mut Model, line: &AttentionItem) {
    let from = navigate::here(model);
    model.at = line.target;
    narrow::reset(model, line.view);
    if line.many.is_none() {
        model.target_mut().panels[line.view.0].list.key = Some(line.key.clone());
    }
    navigate::switch(model, from, Route::View(line.view));
}
