//! The place on screen as a command that opens it again, here or on a colleague's machine.

use opsdash_pack::pack::View;

use crate::model::{Choices, Model, Panel, Route};

/// `opsdash --target prod --view errors --set level=ERROR`, quoted for a shell. A filter and an order are not part of it.
///
/// # Errors
/// When something chosen cannot be written on a command line.
pub fn command(model: &Model) -> Result<String, String> {
    let target = model.target();
    let mut words = vec!["opsdash".to_owned(), "--target".to_owned(), target.name.clone()];
    if let Some(id) = target.scope.as_ref().and_then(|scope| scope.chosen.as_ref()).and_then(|chosen| chosen.id()) {
        words.extend(["--scope".to_owned(), id.to_owned()]);
    }
    if let Route::View(view) = target.route {
        words.extend(of_view(target.pack.view(view), target.panel(view)));
    }
    shlex::try_join(words.iter().map(String::as_str)).map_err(|why| format!("no shell takes this as it is: {why}"))
}

fn of_view(view: &View, panel: &Panel) -> Vec<String> {
    let Choices { facets, given, search, .. } = &panel.choices;
    let mut words = vec!["--view".to_owned(), view.id.clone()];
    let chosen = view.facets.iter().zip(facets).filter_map(|(facet, choice)| Some((&facet.name, choice.as_ref()?)));
    for (name, value) in chosen.chain(given.iter().map(|given| (&given.name, &given.value))) {
        words.extend(["--set".to_owned(), format!("{name}={value}")]);
    }
    if !search.is_empty() {
        words.extend(["--search".to_owned(), search.clone()]);
    }
    words
}
