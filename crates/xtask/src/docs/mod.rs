//! `cargo xtask docs`: writes the documents that are made from the program itself, or checks that they are fresh.

mod config;
#[cfg(test)]
mod examples;
mod keys;
mod man;
mod packs;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use opsdash_pack::language::PackFile;

use crate::cargo::repository;

/// A document that a function makes.
#[derive(Debug, Clone, Copy)]
pub struct Generated {
    /// Below the root of the repository.
    pub path: &'static str,
    /// Makes the whole file. The same source must give the same text: no clock, no order of a hash.
    pub content: fn() -> Result<String>,
}

/// Every generated document.
pub const GENERATED: &[Generated] = &[
    Generated { path: "docs/keys.md", content: keys::document },
    Generated { path: "docs/packs.md", content: || Ok(packs::document()) },
    Generated { path: "docs/schema/pack.json", content: || Ok(PackFile::Pack.json_schema()) },
    Generated { path: "docs/schema/view.json", content: || Ok(PackFile::View.json_schema()) },
    Generated { path: "docs/schema/runbook.json", content: || Ok(PackFile::Runbook.json_schema()) },
    Generated { path: "docs/schema/schema.json", content: || Ok(PackFile::Schema.json_schema()) },
    Generated { path: "docs/schema/test.json", content: || Ok(PackFile::Test.json_schema()) },
    Generated { path: "docs/config.md", content: || Ok(config::document()) },
    Generated { path: "docs/opsdash.1", content: man::document },
];

/// Says in a document where it comes from.
fn made_from(source: &str) -> String {
    format!("<!-- Made by `cargo xtask docs` from {source}: change that instead. -->\n")
}

/// Writes every generated document; names those that changed.
pub fn write() -> Result<()> {
    for path in write_in(&repository(), GENERATED)? {
        eprintln!("wrote {path}");
    }
    Ok(())
}

/// Fails with the names of the documents that are not what their source makes.
pub fn check() -> Result<()> {
    let stale = stale_in(&repository(), GENERATED)?;
    if !stale.is_empty() {
        bail!("not up to date, `cargo xtask docs` writes them: {}", stale.join(", "));
    }
    Ok(())
}

fn write_in(root: &Path, documents: &[Generated]) -> Result<Vec<&'static str>> {
    let stale = stale_in(root, documents)?;
    for document in documents.iter().filter(|document| stale.contains(&document.path)) {
        let path = root.join(document.path);
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir)?;
        }
        fs::write(&path, (document.content)()?).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(stale)
}

fn stale_in(root: &Path, documents: &[Generated]) -> Result<Vec<&'static str>> {
    let mut stale = Vec::new();
    for document in documents {
        let fresh = (document.content)().with_context(|| format!("cannot make {}", document.path))?;
        // A missing one is stale too.
        if fs::read_to_string(root.join(document.path)).ok().as_ref() != Some(&fresh) {
            stale.push(document.path);
        }
    }
    Ok(stale)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTS: &[Generated] = &[
        Generated { path: "docs/one.md", content: || Ok("one\n".to_owned()) },
        Generated { path: "docs/two.md", content: || Ok("two\n".to_owned()) },
    ];

    #[test]
    fn only_stale_documents_are_named_and_written() -> Result<()> {
        let root = tempfile::tempdir()?;
        assert_eq!(write_in(root.path(), DOCUMENTS)?, ["docs/one.md", "docs/two.md"]);
        assert!(stale_in(root.path(), DOCUMENTS)?.is_empty());
        fs::write(root.path().join("docs/two.md"), "old")?;
        assert_eq!(stale_in(root.path(), DOCUMENTS)?, ["docs/two.md"]);
        assert_eq!(write_in(root.path(), DOCUMENTS)?, ["docs/two.md"]);
        assert_eq!(fs::read_to_string(root.path().join("docs/two.md"))?, "two\n");
        Ok(())
    }
}
