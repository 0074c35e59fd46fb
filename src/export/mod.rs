//! Rows as text: for the shell, and for files in the working directory.

pub mod csv;
pub mod json;
pub mod markdown;

use opsdash_core::{
    export::{Document, FileFormat},
    format::{self, thousands},
};

use crate::store::private_file;

/// Files of one name that are tried, from the plain one to the last number.
const NAMES: u32 = 100;

/// Rows in the format of a file.
#[must_use]
pub fn render(document: &Document, format: FileFormat) -> Vec<u8> {
    match format {
        FileFormat::Csv => csv::render(document),
        FileFormat::Json => json::bytes(&json::file(document)),
        FileFormat::Markdown => markdown::render(document).into_bytes(),
    }
}

/// Writes the rows to a new file and says which, and that they are not all there are: `<target>-<view>.csv`, within a scope
/// `<target>-<view>-<scope>.csv`, or with a number when that is taken.
///
/// # Errors
/// When no file can be made or written.
pub fn write(document: &Document, format: FileFormat, of: Option<&str>) -> anyhow::Result<String> {
    let content = render(document, format);
    let ending = FileFormat::ALL.iter().find(|(_, _, known)| *known == format).map_or("txt", |(_, ending, _)| ending);
    let stem = document.file_stem();
    let name = |n: u32| match n {
        0 => format!("{stem}.{ending}"),
        n => format!("{stem}-{n}.{ending}"),
    };
    let dir = std::env::current_dir()?;
    let free = (0..NAMES).map(name).find(|name| !dir.join(name).exists()).unwrap_or_else(|| name(NAMES));
    let path = dir.join(&free);
    private_file::create(&path, &content)?;
    let rows = document.rows.len();
    let said = match of {
        Some(all) => format!("{} of {all} rows", thousands(rows)),
        None => format::rows(rows),
    };
    Ok(format!("{said} written to {}", path.display()))
}
