//! Files that are read to their end: verified, or fetched.

use super::{load, outcome};
use crate::{
    catalog::{FetchRequest, wanted},
    contract::{Failure, Part, StoredFile, Ticket, VerifyResult},
    effect::Effect,
    format,
    model::{Model, Route, Selection, Transfer, TransferPurpose},
    value::RowKey,
};

/// Why no file of the chosen rows can be read; `None` when one can.
pub(super) fn why_not(model: &Model, purpose: TransferPurpose) -> Option<String> {
    match (model.transfer.is_some(), meant(model)) {
        (true, _) => Some("a file is being read already; Esc in its list stops it".into()),
        (false, Err(why)) => Some(why),
        (false, Ok(files)) if files.len() > 1 && purpose == TransferPurpose::Fetch => {
            Some("one file at a time is fetched; Esc unmarks".into())
        }
        (false, Ok(_)) => None,
    }
}

/// Why not all files of the view can be read; `None` when they can.
pub(super) fn why_not_all(model: &Model) -> Option<String> {
    match all(model) {
        _ if model.transfer.is_some() => Some("a file is being read already; Esc in its list stops it".into()),
        Err(why) => Some(why),
        Ok(files) => files.is_empty().then(|| "every file was read already, or is missing; v reads one again".into()),
    }
}

/// The files of the chosen rows.
fn meant(model: &Model) -> Result<Vec<FetchRequest>, String> {
    let chosen = model.selection()?;
    let files = files_of(model, &chosen)?;
    if files.is_empty() { Err("the store has no file of this row".into()) } else { Ok(files) }
}

/// Those of every row of the list that were not read yet.
fn all(model: &Model) -> Result<Vec<FetchRequest>, String> {
    let Some(panel) = model.panel() else { return Err("open a view of files first".into()) };
    let rows = panel.list_snapshot().into_iter().flat_map(|snapshot| &snapshot.rows);
    let rows = rows.map(|row| row.key.as_str().to_owned()).collect();
    let mut files = files_of(model, &Selection { target: model.at, view: panel.view, rows })?;
    files.retain(|wanted| wanted.file.checked.is_none());
    Ok(files)
}

fn files_of(model: &Model, chosen: &Selection) -> Result<Vec<FetchRequest>, String> {
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

pub(super) fn verify(model: &mut Model, effects: &mut Vec<Effect>) {
    if let (Ok(chosen), Ok(files)) = (model.selection(), meant(model)) {
        start_verifying(model, &chosen, &files, effects);
    }
}

pub(super) fn verify_all(model: &mut Model, effects: &mut Vec<Effect>) {
    let Route::View(view) = model.target().route else { return };
    if let Ok(files) = all(model) {
        let chosen = Selection { target: model.at, view, rows: Vec::new() };
        start_verifying(model, &chosen, &files, effects);
    }
}

fn start_verifying(model: &mut Model, chosen: &Selection, files: &[FetchRequest], effects: &mut Vec<Effect>) {
    let ticket = begin(model, chosen, files, TransferPurpose::Verify);
    let files: Vec<StoredFile> = files.iter().map(|wanted| wanted.file.clone()).collect();
    effects.push(Effect::Verify { target: chosen.target, ticket, view: chosen.view, files });
    for row in &chosen.rows {
        let panel = &mut model.targets[chosen.target.0].panels[chosen.view.0];
        panel.list.marks.remove(&RowKey(row.as_str().into()));
    }
}

pub(super) fn fetch(model: &mut Model, effects: &mut Vec<Effect>) {
    if let (Ok(chosen), Ok(mut files)) = (model.selection(), meant(model)) {
        let ticket = begin(model, &chosen, &files, TransferPurpose::Fetch);
        let file = Box::new(files.remove(0));
        effects.push(Effect::Fetch { target: chosen.target, ticket, view: chosen.view, file });
    }
}

fn begin(model: &mut Model, chosen: &Selection, files: &[FetchRequest], purpose: TransferPurpose) -> Ticket {
    let ticket = model.ticket();
    let bytes = |wanted: &FetchRequest| wanted.file.length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
    model.notice = None;
    model.transfer = Some(Transfer {
        ticket,
        target: chosen.target,
        view: chosen.view,
        purpose,
        files: files.iter().map(|wanted| (wanted.file.name.clone(), bytes(wanted))).collect(),
        at: 0,
        bytes: 0,
        began: model.clock.mono,
        bad: 0,
    });
    ticket
}

/// Stops what is being read on the view on screen; `false` when nothing is.
pub(super) fn stop(model: &mut Model, effects: &mut Vec<Effect>) -> bool {
    let (at, place) = (model.at, model.target().route);
    let stopped = model.transfer.take_if(|transfer| transfer.target == at && place == Route::View(transfer.view));
    let Some(transfer) = stopped else { return false };
    effects.push(Effect::Cancel(transfer.ticket));
    let kept = match transfer.purpose {
        TransferPurpose::Verify => {
            format!("stopped; {} of {} were read and are kept", transfer.at, transfer.files.len())
        }
        TransferPurpose::Fetch => "stopped; nothing is left of it".to_owned(),
    };
    model.notify(kept);
    true
}

pub(super) fn moving(model: &mut Model, ticket: Ticket, bytes: u64) {
    if let Some(transfer) = model.transfer.as_mut().filter(|transfer| transfer.ticket == ticket) {
        transfer.bytes = bytes;
    }
}

/// A file was read: its row is judged anew.
pub(super) fn verified(model: &mut Model, ticket: Ticket, id: &str, checked: &VerifyResult, effects: &mut Vec<Effect>) {
    let Some(transfer) = model.transfer.as_mut().filter(|transfer| transfer.ticket == ticket) else { return };
    transfer.at += 1;
    transfer.bytes = 0;
    let (target, view) = (transfer.target, transfer.view);
    let is_bad = load::checked(model, target, view, id, checked, effects);
    if let Some(transfer) = model.transfer.as_mut() {
        transfer.bad += usize::from(is_bad);
    }
}

pub(super) fn ended(model: &mut Model, ticket: Ticket, result: Result<String, Failure>) {
    let Some(transfer) = model.transfer.take_if(|transfer| transfer.ticket == ticket) else { return };
    let (read, of) = (transfer.at, transfer.files.len());
    match (transfer.purpose, result) {
        (_, Ok(said)) if !said.is_empty() => model.notify(said),
        (_, Ok(_)) if transfer.bad > 0 => {
            model.notify_error(format!("{} of {} are not as the catalog promises", transfer.bad, format::files(of)));
        }
        (_, Ok(_)) => model.notify(format!("{} read to the end", format::files(of))),
        (TransferPurpose::Verify, Err(failure)) => {
            model.notify_error(format!("{read} of {of} read, their results are kept: {failure}; try again"));
        }
        (TransferPurpose::Fetch, Err(failure)) => {
            let name = transfer.files.first().map(|(name, _)| name.as_str()).unwrap_or_default();
            outcome::tell_of(model, &format!("{name} was not fetched"), vec![failure.message]);
        }
    }
}
