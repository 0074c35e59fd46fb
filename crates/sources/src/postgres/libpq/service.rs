//! Service files: connections by name, as libpq reads them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{Parameters, Surroundings, keywords};

/// The machine's file, in the folder that Debian's libpq is built with.
const MACHINE: &str = "/etc/postgresql-common";

/// The parameters of a service: of the user's file, or of the machine's where the user's does not have it.
///
/// # Errors
/// A file that is wrong, or none that has the service; then which ones were read.
pub fn find(name: &str, file: Option<&str>, around: &Surroundings<'_>) -> Result<Parameters, String> {
    let named = file.map(PathBuf::from);
    let user = named.clone().or_else(|| Some(around.home.as_ref()?.join(".pg_service.conf")));
    let machine = (around.variable)("PGSYSCONFDIR").map_or_else(|| PathBuf::from(MACHINE), PathBuf::from);
    let machine = machine.join("pg_service.conf");
    for path in user.iter().chain([&machine]) {
        if named.as_ref() != Some(path) && !path.exists() {
            continue;
        }
        let text = fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
        if let Some(found) = section(&text, name, path)? {
            return Ok(found);
        }
    }
    let looked = user.into_iter().chain([machine]).map(|path| path.display().to_string()).collect::<Vec<_>>();
    Err(format!("there is no service \"{name}\": looked for [{name}] in {}", looked.join(" and ")))
}

fn section(text: &str, name: &str, path: &Path) -> Result<Option<Parameters>, String> {
    let mut found: Option<Parameters> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(title) = line.strip_prefix('[') {
            if found.is_some() {
                break;
            }
            found = (title.strip_suffix(']') == Some(name)).then(BTreeMap::new);
            continue;
        }
        let Some(found) = &mut found else { continue };
        let place = format!("{}:{number}", path.display());
        // Values are not told: one of them is the password.
        let (word, value) = line.split_once('=').ok_or_else(|| format!("{place}: no \"name=value\""))?;
        let word = word.trim_end();
        if word == "service" || word == "servicefile" {
            return Err(format!("{place}: a service within a service is not read, by libpq neither"));
        }
        let keyword = keywords::find(word).ok_or_else(|| format!("{place}: no parameter is called \"{word}\""))?;
        found.entry(keyword.name).or_insert_with(|| value.to_owned());
    }
    Ok(found)
}
