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

/// The most characters of a file's name that a scope takes.
const SCOPE_CHARS: usize = 60;

/// Letters and digits of a text, in lowercase; what is between them becomes one hyphen.
fn in_a_file_name(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let joined = words.collect::<Vec<_>>().join("-").to_lowercase();
    let cut: String = joined.chars().take(SCOPE_CHARS).collect();
    if cut.is_empty() { "scope".to_owned() } else { cut.trim_end_matches('-').to_owned() }
}

/// Writes the rows to a new file and says which, and that they are not all there are: `<target>-<view>.csv`, within a scope
/// `<target>-<view>-<scope>.csv`, or with a number when that is taken.
///
/// # Errors
/// When no file can be made or written.
pub fn write(document: &Document, format: FileFormat, of: Option<&str>) -> anyhow::Result<String> {
    let content = render(document, format);
    let ending = FileFormat::ALL.iter().find(|(_, _, known)| *known == format).map_or("txt", |(_, ending, _)| ending);
    let scope = document.scope.as_ref().map(|scope| format!("-{}", in_a_file_name(&scope.name))).unwrap_or_default();
    let stem = format!("{}-{}{scope}", document.target, document.view);
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

#[cfg(test)]
mod tests {
    use super::in_a_file_name;

    #[test]
    fn a_scope_leads_to_no_other_folder_and_to_no_endless_name() {
        for (name, file) in [
            ("Acme", "acme"),
            ("../../etc/passwd", "etc-passwd"),
            ("Acme (3f1c-77)", "acme-3f1c-77"),
            ("Société Générale", "société-générale"),
            ("\u{1b}[31m\n", "31m"),
            ("***", "scope"),
        ] {
            assert_eq!(in_a_file_name(name), file);
        }
        assert_eq!(in_a_file_name(&"long ".repeat(100)).chars().count(), 59);
    }
}
