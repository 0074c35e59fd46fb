//! Actions that want a verified file.

use super::Refusal;
use crate::{
    files::{VERDICT, Verdict},
    model::Snapshot,
    pack::{Action, View},
};

/// Whether the files of these rows of the view may be acted on as they were judged last; `None` when they were not.
///
/// # Errors
/// With every row whose file was not verified, or is not as it should be.
pub fn check_verified(
    view: &View,
    action: &Action,
    rows: &[String],
    known: Option<&Snapshot>,
) -> Result<(), Vec<Refusal>> {
    if !action.verified {
        return Ok(());
    }
    let verdict = |key: &str| {
        let row = known?.rows.iter().find(|row| row.key.as_str() == key)?;
        row.cells[view.column(VERDICT)?].as_text()
    };
    let refused = rows.iter().filter_map(|key| {
        let why = match verdict(key) {
            Some(word) if word == Verdict::Ok.word() => return None,
            Some(word) => format!("its file is {word}; only one that was verified and is OK may be"),
            None => "its file was not judged".to_owned(),
        };
        Some(Refusal { key: key.clone(), why, now: None })
    });
    let refused: Vec<Refusal> = refused.collect();
    if refused.is_empty() { Ok(()) } else { Err(refused) }
}
