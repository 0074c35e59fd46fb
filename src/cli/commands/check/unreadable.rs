//! A target whose pack cannot be read: it is unknown, by its name, and takes no other with it.

use std::{collections::BTreeSet, sync::Arc};

use opsdash_core::{
    contract::{Failure, FailureKind},
    model::Demand,
};
use opsdash_pack::{
    config::Target,
    document::Problems,
    language::{self, PackFiles},
    pack::{Pack, ViewId},
};

use super::{CheckedView, unknown};
use crate::cli::{
    error::CliError,
    query,
    setup::{Setup, wrong},
};

/// What is said to be a view of it.
const VIEW: &str = "views";

/// The target, of which nothing is known.
///
/// # Errors
/// When the config is wrong.
pub(super) fn target(setup: &Setup, target: &Target, problems: &Problems) -> Result<CheckedView, CliError> {
    let pack = Arc::new(placeholder(target).map_err(|problems| wrong(&problems))?);
    let session = query::session(setup, target, pack, Demand::Counts(BTreeSet::new()))?;
    let said = problems.to_string();
    let first = said.lines().next().unwrap_or_default();
    let why = Failure::new(FailureKind::Other, &format!("its pack cannot be read: {first}"));
    Ok(unknown(session.model.target().clone(), &[ViewId(0)], &why))
}

/// A pack in the place of the one that cannot be read: one view that stands for all of its views, and is never asked.
fn placeholder(target: &Target) -> Result<Pack, Problems> {
    let source = target.sources.keys().next().map_or("main", String::as_str);
    let pack =
        format!("title = \"{VIEW}\"\nviews = [\"{VIEW}\"]\n[[source]]\nname = \"{source}\"\nengine = \"postgresql\"\n");
    let view = format!(
        "title = \"Views\"\nsource = \"{source}\"\nquery = \"{VIEW}.sql\"\nrow_key = [\"id\"]\n\
         [[column]]\nname = \"id\"\n"
    );
    let sql = "SELECT 'unknown' AS severity, '' AS why, 1 AS id".to_owned();
    let files = [("pack.toml".to_owned(), pack), (format!("{VIEW}.toml"), view), (format!("{VIEW}.sql"), sql)];
    let files = PackFiles { system: target.system.clone(), origin: String::new(), files: files.into() };
    language::load(&[files], &[])
}
