//! `opsdash packs new`: a small pack that works, or with `--from` a first pack of a database, to be changed into one's own.

mod names;
mod shape;
mod write;

use std::path::Path;

use opsdash_core::text;

use self::write::File;
use crate::{
    cli::{error::CliError, exit::Exit, output::CommandOutput, query},
    packs,
    settings::Environment,
    store::private_file,
};

/// The files, and where the system's name belongs.
const FILES: [(&str, &str); 3] = [
    ("pack.toml", include_str!("example/pack.toml")),
    ("sessions.toml", include_str!("example/sessions.toml")),
    ("sessions.sql", include_str!("example/sessions.sql")),
];

/// What stands for the name in them.
const NAME: &str = "@NAME@";

/// Writes the folder of a new pack, below `dir` or among the user's packs; of the database at `from`, if there is one.
///
/// # Errors
/// A name that is none, one that is taken, a folder that cannot be written, a database that does not answer.
pub fn run(
    name: &str,
    dir: Option<&Path>,
    from: Option<&str>,
    environment: &Environment,
) -> Result<CommandOutput, CliError> {
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
    let (files, mut notes) = match from {
        Some(url) => of_database(name, url, environment)?,
        None => (FILES.map(|(file, text)| (file.to_owned(), text.replace(NAME, name))).to_vec(), Vec::new()),
    };
    let written = make_folder(&folder, &files);
    written
        .map_err(|why| CliError::usage(format!("{why:#}"), "name a folder that you may write to, and a new name"))?;
    // What we made is right, unless the folder around it may not be believed.
    packs::load_dir(&folder, environment).map_err(|problems| crate::cli::setup::wrong(&problems))?;
    let made = folder.display();
    notes.push(format!(
        "made {made}\n  opsdash packs check {made}\n  opsdash packs check {made} --live --target NAME\n\
         and a target with system = \"{name}\" in the config opens it"
    ));
    Ok(CommandOutput { data: format!("{made}\n").into_bytes(), notes, exit: Exit::Done })
}

/// The files of a first pack of a database, and what is left out. The URL is in none of them.
fn of_database(name: &str, url: &str, environment: &Environment) -> Result<(Vec<File>, Vec<String>), CliError> {
    let described = query::wait_for(async { Ok(opsdash_sources::describe(url, &environment.operator).await) })?;
    let database = described.map_err(|failure| CliError {
        exit: Exit::SourceDown,
        message: failure.to_string(),
        remedy: failure.hint().to_owned(),
    })?;
    let (shapes, mut notes) = shape::shape(&database);
    if shapes.is_empty() {
        let what = format!("this login finds no table with a key there ({} in all)", database.tables.len());
        return Err(CliError::usage(what, "name another database in the URL, or a login that may read its tables"));
    }
    notes.push(format!("{} of {} tables are views", shapes.len(), database.tables.len()));
    Ok((write::files(name, &database.server, &shapes), notes))
}

fn make_folder(folder: &Path, files: &[File]) -> anyhow::Result<()> {
    anyhow::ensure!(!folder.exists(), "{} exists", folder.display());
    private_file::make_dir(folder)?;
    files.iter().try_for_each(|(file, text)| private_file::create(&folder.join(file), text.as_bytes()))
}
