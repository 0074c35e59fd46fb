//! `opsdash packs new`: a small pack that works, to be changed into one's own.

use std::path::Path;

use opsdash_core::text;

use crate::{
    cli::{error::CliError, exit::Exit, output::CommandOutput},
    packs,
    settings::Environment,
    store::private_file,
};

/// The files, and where the system's name belongs.
const FILES: [(&str, &str); 3] = [
    ("pack.toml", include_str!("new_pack/pack.toml")),
    ("sessions.toml", include_str!("new_pack/sessions.toml")),
    ("sessions.sql", include_str!("new_pack/sessions.sql")),
];

/// What stands for the name in them.
const NAME: &str = "@NAME@";

/// Writes the folder of a new pack, below `dir` or among the user's packs.
///
/// # Errors
/// A name that is none, one that is taken, a folder that cannot be written.
pub fn run(name: &str, dir: Option<&Path>, environment: &Environment) -> Result<CommandOutput, CliError> {
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
    if !is_name || name == "shared" {
        let what = format!("\"{}\" is no name for a system", text::inert(name));
        return Err(CliError::usage(what, "use lower case letters, digits, - and _, a letter first; shared is taken"));
    }
    let known = packs::list(environment).unwrap_or_default();
    if known.iter().any(|listed| listed.system == name) {
        let remedy = format!("choose another name; to change that pack, see what it has: opsdash packs show {name}");
        return Err(CliError::usage(format!("there is a pack of the system \"{name}\" already"), remedy));
    }
    let folder = dir.map_or_else(|| environment.config_home.join("packs"), Path::to_owned).join(name);
    let written = write(&folder, name);
    written
        .map_err(|why| CliError::usage(format!("{why:#}"), "name a folder that you may write to, and a new name"))?;
    // What we made is right, unless the folder around it may not be believed.
    packs::load_dir(&folder, environment).map_err(|problems| crate::cli::setup::wrong(&problems))?;
    let made = folder.display();
    let next = format!(
        "made {made}\n  opsdash packs check {made}\n  opsdash packs check {made} --live --target NAME\n\
         and a target with system = \"{name}\" in the config opens it"
    );
    Ok(CommandOutput { data: format!("{made}\n").into_bytes(), notes: vec![next], exit: Exit::Done })
}

fn write(folder: &Path, name: &str) -> anyhow::Result<()> {
    anyhow::ensure!(!folder.exists(), "{} exists", folder.display());
    private_file::make_dir(folder)?;
    FILES
        .iter()
        .try_for_each(|(file, text)| private_file::create(&folder.join(file), text.replace(NAME, name).as_bytes()))
}
