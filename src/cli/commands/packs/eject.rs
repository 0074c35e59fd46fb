//! `opsdash packs eject`: a pack's files, to be changed.

use opsdash_pack::{eject::Renaming, pack::Naming};

use crate::{
    cli::{args::packs::EjectArgs, error::CliError, output::CommandOutput, setup::wrong},
    packs,
    settings::Environment,
    store::private_file,
};

/// Carries the command out.
///
/// # Errors
/// When there is no such pack, or a file of the folder would be overwritten; then nothing is written.
pub fn run(args: &EjectArgs, environment: &Environment) -> Result<CommandOutput, CliError> {
    let (files, pack) = packs::original(&args.system, environment).map_err(|problems| wrong(&problems))?;
    let naming = Naming::ALL.iter().find(|(word, _)| *word == args.naming).map_or_else(Naming::default, |(_, it)| *it);
    let ejecting = Renaming { naming, types: args.enum_types.iter().cloned().collect() };
    let files = ejecting
        .apply(&files, &pack)
        .map_err(|file| CliError::usage(format!("{file} cannot be read as SQL"), "opsdash packs check says why"))?;
    let dir = args.dir.clone().unwrap_or_else(|| environment.config_home.join("packs").join(&args.system));
    let there: Vec<&str> = files.keys().filter(|name| dir.join(name).exists()).map(String::as_str).collect();
    if !there.is_empty() {
        let what = format!("{} has {} already", dir.display(), there.join(", "));
        return Err(CliError::usage(what, "name another folder, or move them away: nothing is overwritten"));
    }
    let written = files.iter().try_for_each(|(name, text)| {
        let path = dir.join(name);
        path.parent().map_or(Ok(()), private_file::make_dir)?;
        private_file::create(&path, text.as_bytes())
    });
    written.map_err(|why| CliError::usage(format!("{why:#}"), ""))?;
    let notes = match packs::load_dir(&dir, environment) {
        Ok(_) => vec!["read them; then opsdash doctor says whether they fit the database".to_owned()],
        Err(problems) => vec![problems.to_string()],
    };
    Ok(CommandOutput { notes, ..CommandOutput::done(format!("{}: {} files\n", dir.display(), files.len())) })
}
