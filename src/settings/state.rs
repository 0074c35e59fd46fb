//! The folder of what the program remembers.

use std::{
    fs::{self, DirBuilder, Permissions},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::PathBuf,
};

use anyhow::{Context as _, Result, anyhow};

use super::{Environment, trust};

/// `$XDG_STATE_HOME/opsdash`, made when it is missing, for its owner alone.
///
/// # Errors
/// When it cannot be made, or belongs to somebody else.
pub fn state_dir(environment: &Environment) -> Result<PathBuf> {
    let path = &environment.state_home;
    let context = || format!("cannot prepare the state folder {}", path.display());
    DirBuilder::new().recursive(true).mode(0o700).create(path).with_context(context)?;
    trust::check_folder(path, environment.euid).map_err(|problem| anyhow!("{problem}"))?;
    fs::set_permissions(path, Permissions::from_mode(0o700)).with_context(context)?;
    Ok(path.clone())
}
