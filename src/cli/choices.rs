//! From what was typed (`--view`, `--search`, `--set`) to a view and the choices it is asked under. The dashboard and
//! `show` use the same rules.

use opsdash_core::{
    model::{Choices, GivenValue},
    text,
};
use opsdash_pack::{
    document::suggest,
    pack::{Facet, Pack, View, ViewId},
};

use super::{
    args::{OpeningArgs, show::ShowArgs},
    error::CliError,
};

/// What is to be shown, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ViewRequest {
    /// A view's id.
    pub view: String,
    /// Text that the server looks for; empty for all rows.
    pub search: String,
    /// Names of facets and of what links set, and values.
    pub set: Vec<(String, String)>,
}

impl From<&ShowArgs> for ViewRequest {
    fn from(args: &ShowArgs) -> Self {
        let ShowArgs { view, search, set, .. } = args.clone();
        Self { view, search: search.unwrap_or_default(), set }
    }
}

impl ViewRequest {
    /// Where the dashboard opens; `None` is the overview.
    #[must_use]
    pub fn of_opening(args: &OpeningArgs) -> Option<Self> {
        let OpeningArgs { view, search, set, .. } = args.clone();
        view.map(|view| Self { view, search: search.unwrap_or_default(), set })
    }

    /// The view and the choices.
    ///
    /// # Errors
    /// A view, a name or a choice that the pack does not have, with those that it has.
    pub fn resolve(&self, pack: &Pack) -> Result<(ViewId, Choices), CliError> {
        let id = find_view(pack, &self.view)?;
        let view = pack.view(id);
        let mut choices = Choices::of(view);
        for (name, value) in &self.set {
            set(view, name, value, &mut choices)?;
        }
        if !self.search.is_empty() && !view.search {
            return Err(CliError::usage(format!("{} takes no --search", view.id), settable(view)));
        }
        choices.search.clone_from(&self.search);
        Ok((id, choices))
    }
}

/// The view of that id.
///
/// # Errors
/// Says which one may have been meant, by its id or by what the screen calls it, and which ones there are.
pub fn find_view(pack: &Pack, id: &str) -> Result<ViewId, CliError> {
    if let Some(found) = pack.find(id) {
        return Ok(found);
    }
    let message = format!("{} has no view \"{}\"", pack.system, text::inert(id));
    match called(pack, id) {
        Some(meant) => Err(CliError::usage(message, meant)),
        None => Err(CliError::usage(message, suggest(id, pack.views.iter().map(|view| view.id.as_str())))),
    }
}

/// Which views a title on screen stands for; `None` when it is none.
fn called(pack: &Pack, typed: &str) -> Option<String> {
    let is_typed = |title: &str| title.to_lowercase() == typed.trim().to_lowercase();
    let ids =
        |views: &mut dyn Iterator<Item = &View>| views.map(|view| view.id.as_str()).collect::<Vec<_>>().join(", ");
    let titled: Vec<&View> = pack.views.iter().filter(|view| is_typed(&view.title)).collect();
    if let Some(first) = titled.first() {
        return Some(format!("what the screen calls {} is {}", first.title, ids(&mut titled.iter().copied())));
    }
    let mut grouped = pack.views.iter().filter(|view| view.group.as_deref().is_some_and(is_typed));
    let group = grouped.clone().next()?.group.as_deref()?;
    Some(format!("the tab {group} has {}", ids(&mut grouped)))
}

fn set(view: &View, name: &str, value: &str, choices: &mut Choices) -> Result<(), CliError> {
    if let Some(at) = view.facets.iter().position(|facet| facet.name == name) {
        choices.facets[at] = choice(&view.facets[at], value)?;
        return Ok(());
    }
    if view.given.iter().any(|given| given.name == name) {
        choices.given.retain(|given| given.name != name);
        choices.given.push(GivenValue { name: name.to_owned(), value: value.to_owned(), label: value.to_owned() });
        return Ok(());
    }
    Err(CliError::usage(format!("{} has nothing named \"{}\" to set", view.id, text::inert(name)), settable(view)))
}

/// The choice of a facet with that value; `None` is the default one.
fn choice(facet: &Facet, value: &str) -> Result<Option<String>, CliError> {
    if !facet.takes(value) {
        let message = format!("--set {}: \"{}\" is no choice", facet.name, text::inert(value));
        return Err(CliError::usage(message, suggest(value, facet.choices.iter().map(String::as_str))));
    }
    Ok(Some(value.to_owned()).filter(|value| value != facet.default_choice()))
}

/// What `show` understands for a view, as it is typed.
pub(super) fn takes(view: &View) -> Vec<String> {
    let facets = view.facets.iter().map(|facet| format!("--set {}", quoted(&facet.name, &facet.choices.join("|"))));
    let given = view.given.iter().map(|given| format!("--set {}=VALUE", given.name));
    let search = view.search.then(|| "--search TEXT".to_owned());
    search.into_iter().chain(facets).chain(given).collect()
}

/// In quotes where a shell would take the choices apart.
fn quoted(name: &str, choices: &str) -> String {
    if choices.contains(' ') { format!("'{name}={choices}'") } else { format!("{name}={choices}") }
}

fn settable(view: &View) -> String {
    let takes = takes(view);
    if takes.is_empty() {
        return format!("{} can only be shown as it is", view.id);
    }
    format!("{} understands {}", view.id, takes.join(", "))
}
