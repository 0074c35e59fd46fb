//! Password files, as libpq reads them.

use std::{
    fs,
    io::ErrorKind,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::Surroundings;

/// For whom a password is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// A name, an address or a socket's directory; `localhost` for the usual one.
    pub host: &'a str,
    pub port: u16,
    pub database: &'a str,
    pub user: &'a str,
}

/// What a file says.
#[derive(Debug, PartialEq, Eq)]
pub enum Looked {
    /// The password.
    Found(String),
    /// None, and where it was looked for, or why the file was not read.
    Not(String),
}

/// The password of the first line that fits.
pub fn find(file: Option<&str>, wanted: Wanted<'_>, around: &Surroundings<'_>) -> Looked {
    let Some(path) = file.map(PathBuf::from).or_else(|| Some(around.home.as_ref()?.join(".pgpass"))) else {
        return Looked::Not("there is no home directory with a .pgpass".into());
    };
    match read(&path) {
        Ok(text) => text.lines().find_map(|line| password(line, wanted)).map_or_else(
            || {
                let Wanted { host, port, database, user } = wanted;
                Looked::Not(format!("{} has no line for {host}:{port}:{database}:{user}", path.display()))
            },
            Looked::Found,
        ),
        Err(why) => Looked::Not(format!("{} {why}", path.display())),
    }
}

fn read(path: &Path) -> Result<String, String> {
    let about = fs::metadata(path).map_err(|why| match why.kind() {
        ErrorKind::NotFound => "is not there".to_owned(),
        _ => format!("cannot be read: {why}"),
    })?;
    if !about.is_file() {
        return Err("is no plain file, so it is not read".into());
    }
    let mode = about.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(format!("is of mode {mode:04o}, so it is not read, as psql does not: chmod 600"));
    }
    let bytes = fs::read(path).map_err(|why| format!("cannot be read: {why}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The password of a line, when its four fields fit. A line that has fewer fits nobody.
fn password(line: &str, wanted: Wanted<'_>) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let port = wanted.port.to_string();
    let mut rest = line;
    for expected in [wanted.host, &port, wanted.database, wanted.user] {
        let (field, after) = split_field(rest)?;
        if field != "*" && unescaped(field) != expected {
            return None;
        }
        rest = after;
    }
    Some(unescaped(rest))
}

/// A field as it is written, and what comes after its colon; `None` without a colon.
fn split_field(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    let end = text.char_indices().find(|(_, letter)| {
        let ends = *letter == ':' && !escaped;
        escaped = *letter == '\\' && !escaped;
        ends
    });
    let (end, _) = end?;
    Some((&text[..end], &text[end + 1..]))
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fits_by_all_of_its_fields() {
        let wanted = Wanted { host: "::1", port: 5432, database: "lab", user: "al:ice" };
        for (line, found) in [
            (r"\:\:1:5432:lab:al\:ice:s:e\\c\:ret", Some(r"s:e\c:ret")),
            ("*:*:*:*:any", Some("any")),
            (r"*:5432:*:al\:ice:", Some("")),
            (r"\*:5432:lab:al\:ice:no", None),
            ("::1:5432:lab:al:ice:no", None),
            ("# *:*:*:*:no", None),
            ("*:*:*", None),
            ("", None),
            (r"*:5433:*:*:no", None),
        ] {
            assert_eq!(password(line, wanted).as_deref(), found, "{line}");
        }
        let socket = Wanted { host: "/run/pg", ..wanted };
        assert_eq!(password("/run/pg:*:*:*:by socket", socket).as_deref(), Some("by socket"));
    }
}
