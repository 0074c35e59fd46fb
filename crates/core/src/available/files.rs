//! Which files can be read: those of the chosen rows, or all of a view.

use opsdash_pack::command::Command;

use crate::{
    catalog::{FetchRequest, wanted},
    contract::Part,
    model::{Model, Selection, TransferPurpose},
    selection::selection,
};

/// Why no file of the chosen rows can be read; `None` when one can.
pub(crate) fn why_not_read(model: &Model, purpose: TransferPurpose) -> Option<String> {
    match (model.transfer.is_some(), selected_files(model)) {
        (true, _) => Some(is_reading(model)),
        (false, Err(why)) => Some(why),
        (false, Ok(files)) if files.len() > 1 && purpose == TransferPurpose::Fetch => {
            Some(format!("one file at a time is fetched; {} unmarks", model.keymap.key_of(Command::Back)))
        }
        (false, Ok(_)) => None,
    }
}

fn is_reading(model: &Model) -> String {
    format!("a file is being read already; {} in its list stops it", model.keymap.key_of(Command::Back))
}

/// Why not all files of the view can be read; `None` when they can.
pub(crate) fn why_not_read_all(model: &Model) -> Option<String> {
    match unread_files(model) {
        _ if model.transfer.is_some() => Some(is_reading(model)),
        Err(why) => Some(why),
        Ok(files) => files.is_empty().then(|| {
            let verify = model.keymap.key_of(Command::Verify);
            format!("every file was read already, or is missing; {verify} reads one again")
        }),
    }
}

/// The files of the chosen rows.
pub(crate) fn selected_files(model: &Model) -> Result<Vec<FetchRequest>, String> {
    let chosen = selection(model)?;
    let files = files_of(model, &chosen)?;
    if files.is_empty() { Err("the store has no file of this row".into()) } else { Ok(files) }
}

/// Those of every row of the list that were not read yet.
pub(crate) fn unread_files(model: &Model) -> Result<Vec<FetchRequest>, String> {
    let Some(panel) = model.panel() else { return Err("open a view of files first".into()) };
    let rows = panel.list_snapshot().into_iter().flat_map(|snapshot| &snapshot.rows);
    let rows = rows.map(|row| row.key.as_str().to_owned()).collect();
    let mut files = files_of(model, &Selection { target: model.at, view: panel.view, rows, scope: None })?;
    files.retain(|wanted| wanted.file.checked.is_none());
    Ok(files)
}

/// The files of these rows, as the catalog names them now; none where the store has none.
pub(crate) fn files_of(model: &Model, chosen: &Selection) -> Result<Vec<FetchRequest>, String> {
    let target = &model.targets[chosen.target.0];
    let Some(files) = &target.pack.view(chosen.view).files else { return Err("this view holds no files".into()) };
    let panel = target.panel(chosen.view);
    let catalogs: Vec<_> =
        [Part::List, Part::Summary].iter().filter_map(|part| panel.store.catalog.get(part)).collect();
    let listing = panel.store.listing.as_ref().filter(|_| !panel.failed.contains_key(&Part::Store));
    let Some(listing) = listing else { return Err("the file store has not answered".into()) };
    let mut found: Vec<FetchRequest> = Vec::new();
    for row in &chosen.rows {
        let file = catalogs.iter().find_map(|catalog| wanted(files, catalog, listing, row));
        // Two rows may name one file: it is read once.
        found.extend(file.filter(|file| !found.iter().any(|known| known.file.id == file.file.id)));
    }
    Ok(found)
}
