//! Actions that want a verified file.

use opsdash_pack::pack::{Action, VERDICT, View};

use super::{Refusal, TextRow};
use crate::{catalog::FileVerdict, value::Row};

/// Whether the files of these rows of the view may be acted on as they were judged last, `None` when they were not. `seen`
/// is what a look returned of them, if one did.
///
/// # Errors
/// With every row whose file was not verified, or is not as it should be.
pub fn check_verified(
    view: &View,
    action: &Action,
    rows: &[String],
    known: Option<&[Row]>,
    seen: &[TextRow],
) -> Result<(), Vec<Refusal>> {
    if !action.verified {
        return Ok(());
    }
    let verdict = |key: &str| {
        let row = known?.iter().find(|row| row.key.as_str() == key)?;
        row.cells[view.column(VERDICT)?].as_text()
    };
    let refused = rows.iter().filter_map(|key| {
        let why = match verdict(key) {
            Some(word) if word == FileVerdict::Ok.word() => return None,
            Some(word) => format!("its file is {word}; only one that was verified and is OK may be"),
            None => "its file was not judged".to_owned(),
        };
        Some(Refusal::new(key.clone(), why, None))
    });
    let mut refused: Vec<Refusal> = refused.collect();
    // What a look returns of a file must be what was judged.
    let told = view.files.iter().flat_map(|files| [&files.id, &files.checksum]);
    for (column, at) in told.filter_map(|column| Some((column, view.column(column)?))) {
        let of_row = |key: &str| known?.iter().find(|row| row.key.as_str() == key)?.cells[at].as_text();
        let is_other = |record: &&TextRow| record.get(column).is_some_and(|now| now != of_row(record.row()));
        refused.extend(seen.iter().filter(is_other).map(|record| {
            let why = "the catalog names another file since this one was judged";
            Refusal::new(record.row().to_owned(), why.to_owned(), Some(record.clone()))
        }));
    }
    if refused.is_empty() { Ok(()) } else { Err(refused) }
}
