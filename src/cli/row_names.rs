//! Rows that are named on the command line, by their keys or by what the screen calls them.

use std::sync::Arc;

use opsdash_core::{
    format,
    model::{Choices, Demand},
    naming::{NamedRows, find_row},
    text,
    value::Row,
};
use opsdash_pack::{
    config::Target,
    pack::{Action, LIMIT_RANGE, Pack, View, ViewId},
};

use super::{error::CliError, exit::Exit, query, setup::Setup};
use crate::runtime::headless;

/// Rows that are listed where a name is of several.
const LISTED: usize = 20;

/// The keys of the rows that were named. A row that the tab does not list, and a number, which as a name might be the key of
/// another row, are taken for keys: whether there is a row of that key the look says.
///
/// # Errors
/// When a name is of several rows, or when nobody knows whether it is.
pub async fn keys(
    typed: &[String],
    setup: &Setup,
    target: &Target,
    (pack, id): (&Arc<Pack>, ViewId),
    action: &Action,
) -> Result<Vec<String>, CliError> {
    let is_key = |typed: &String| {
        let is_uuid = typed.len() == 36 && typed.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        is_uuid || typed.starts_with('[') || typed.bytes().all(|byte| byte.is_ascii_digit())
    };
    if action.set.is_some() || typed.iter().all(is_key) {
        return Ok(typed.to_vec());
    }
    let mut whole = pack.clone();
    Arc::make_mut(&mut whole).views[id.0].limit = *LIMIT_RANGE.end();
    let demand = Demand::Once { view: id, choices: Choices::of(pack.view(id)) };
    let mut session = query::session(setup, target, whole, demand)?;
    headless::run(&mut session, &[id], None).await;
    let Some(snapshot) = session.model.target().panel(id).list_snapshot() else { return Ok(typed.to_vec()) };
    let (view, listed) = (pack.view(id), &snapshot.rows);
    let key = |typed: &String| {
        if is_key(typed) {
            return Ok(typed.clone());
        }
        match find_row(view, listed.iter(), typed) {
            NamedRows::Key(_) | NamedRows::None => Ok(typed.clone()),
            NamedRows::Named(_) if snapshot.truncated => {
                let what = format!("nobody knows whether \"{}\" is one row: not all are read", text::inert(typed));
                Err(CliError::usage(what, "give its key"))
            }
            NamedRows::Named(row) => Ok(row.key.as_str().to_owned()),
            NamedRows::Several(rows) => {
                let message = format!("{}\nnothing is written", several(view, typed, &rows));
                Err(CliError { exit: Exit::Ambiguous, message, remedy: String::new() })
            }
        }
    };
    typed.iter().map(key).collect()
}

/// That a name is of several rows, with their keys.
#[must_use]
pub fn several(view: &View, typed: &str, rows: &[&Row]) -> String {
    let row = |row: &&Row| format!("\n  {}  {}", text::inert(row.key.as_str()), format::label(view, row));
    let listed: String = rows.iter().take(LISTED).map(row).collect();
    let more = rows.len().saturating_sub(LISTED);
    let more = if more > 0 { format!("\n  and {}", format::rows(more)) } else { String::new() };
    format!(
        "\"{}\" is {} of {}; name one by its key:{listed}{more}",
        text::inert(typed),
        format::rows(rows.len()),
        view.id
    )
}
