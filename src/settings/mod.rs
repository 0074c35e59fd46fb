//! What surrounds the program: who runs it, and the files that configure it.

mod environment;
pub mod locale;
pub mod password;
mod state;
pub mod trust;

use std::path::{Path, PathBuf};

use opsdash_pack::{
    config::{self, Config, ConfigFile, LoadedConfig, PasswordFrom},
    document::{Problems, SourceLocation},
};

pub use environment::Environment;
pub use state::state_dir;

/// Reads the config: the machine's file and the user's over it, or the one that the command line or the environment
/// names. Without any file the config is empty.
///
/// # Errors
/// With every problem of every file, those of ownership among them.
pub fn load(flag: Option<&Path>, environment: &Environment) -> Result<LoadedConfig, Problems> {
    let mut problems = Problems::default();
    let mut files = Vec::new();
    let named = flag.or(environment.config_file.as_deref());
    for path in named.map_or_else(|| environment.config_files(), |path| vec![path.to_owned()]) {
        let file = match trust::read(&path, environment.euid) {
            Ok(Some(file)) => file,
            Ok(None) if named.is_none() => continue,
            Ok(None) => {
                let remedy = "name a config file that exists";
                problems.add(SourceLocation::file(path.display().to_string()), "there is no such file", remedy);
                continue;
            }
            Err(found) => {
                problems.0.push(found);
                continue;
            }
        };
        files.push(ConfigFile { name: path.display().to_string(), text: file.text, private: file.private });
    }
    let loaded = match config::load(&files) {
        Ok(loaded) => loaded,
        Err(found) => {
            problems.0.extend(found.0);
            LoadedConfig::default()
        }
    };
    let mut loaded = problems.or(loaded)?;
    expand_home(&mut loaded.config, &environment.home);
    Ok(loaded)
}

fn expand_home(config: &mut Config, home: &Path) {
    for source in config.targets.iter_mut().flat_map(|target| target.sources.values_mut()) {
        if let Some(file) = &mut source.ca_file {
            *file = expanded(file, home);
        }
        let writer = source.writer.iter_mut().filter_map(|writer| writer.password.as_mut());
        for password in source.password.iter_mut().chain(writer) {
            if let PasswordFrom::File(file) = password {
                *file = expanded(file, home);
            }
        }
    }
}

fn expanded(path: &Path, home: &Path) -> PathBuf {
    path.strip_prefix("~").map_or_else(|_| path.to_owned(), |rest| home.join(rest))
}

#[cfg(test)]
mod tests;
