//! Files that are read to their end: verified, or fetched.

use super::{load, outcome, picker::picker_about};
use crate::{
    available,
    catalog::FetchRequest,
    contract::{Failure, StoredFile, Ticket, VerifyResult},
    effect::Effect,
    format,
    model::{Model, PickerChoice, PickerItem, Route, Selection, Transfer, TransferPurpose},
    selection::selection,
    value::RowKey,
};

pub(super) fn verify(model: &mut Model, effects: &mut Vec<Effect>) {
    if let (Ok(chosen), Ok(files)) = (selection(model), available::selected_files(model)) {
        start_verifying(model, &chosen, &files, effects);
    }
}

pub(super) fn verify_all(model: &mut Model, effects: &mut Vec<Effect>) {
    let Route::View(view) = model.target().route else { return };
    if let Ok(files) = available::unread_files(model) {
        let scope = model.target().scope_of(view).cloned();
        let chosen = Selection { target: model.at, view, rows: Vec::new(), scope };
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

/// Asks whether the file of the row is to be fetched, and says how large it is and where it goes.
pub(super) fn ask_to_fetch(model: &mut Model) {
    let (Ok(chosen), Ok(files)) = (selection(model), available::selected_files(model)) else { return };
    let Some(file) = files.first().map(|wanted| &wanted.file) else { return };
    let item = PickerItem {
        note: file.length.map(format::bytes).unwrap_or_default(),
        ..PickerItem::new(format::line(&file.name), PickerChoice::Fetch)
    };
    let title = format!("Download to {}/", model.folder.trim_end_matches('/'));
    picker_about(model, title, vec![item], Some(chosen));
}

/// Fetches the file of the row that was chosen, as it is named now.
pub(super) fn fetch(model: &mut Model, chosen: &Selection, effects: &mut Vec<Effect>) {
    match available::files_of(model, chosen) {
        Ok(mut files) if !files.is_empty() => {
            let ticket = begin(model, chosen, &files, TransferPurpose::Fetch);
            let file = Box::new(files.remove(0));
            effects.push(Effect::Fetch { target: chosen.target, ticket, view: chosen.view, file });
        }
        Ok(_) => model.notify_error("the store has no file of this row any more".to_owned()),
        Err(why) => model.notify_error(why),
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
        (_, Ok(said)) if !said.is_empty() && transfer.bad > 0 => {
            let bad = format!(
                "{} of {} {} not as the catalog promises",
                transfer.bad,
                format::files(of),
                if transfer.bad == 1 { "is" } else { "are" }
            );
            model.notify_error(format!("{bad}; {said}"));
        }
        (TransferPurpose::Verify, Ok(said)) if !said.is_empty() => model.notify_error(said),
        (_, Ok(said)) if !said.is_empty() => model.notify(said),
        (_, Ok(_)) if transfer.bad > 0 => {
            model.notify_error(format!(
                "{} of {} {} not as the catalog promises",
                transfer.bad,
                format::files(of),
                if transfer.bad == 1 { "is" } else { "are" }
            ));
        }
        (_, Ok(_)) => model.notify(format!("{} read to the end", format::files(of))),
        (TransferPurpose::Verify, Err(failure)) => {
            model.notify_error(format!("{read} of {of} read, their results are kept: {failure}; try again"));
        }
        (TransferPurpose::Fetch, Err(failure)) => {
            let name = transfer.files.first().map(|(name, _)| name.as_str()).unwrap_or_default();
            outcome::show_message(model, &format!("{name} was not fetched"), vec![failure.message]);
        }
    }
}
