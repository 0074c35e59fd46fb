//! `cargo xtask docs`: writes the documents that are made from the program itself, or checks that they are fresh.

mod config;
mod keys;
mod packs;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

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
    Generated { path: "docs/config.md", content: || Ok(config::document()) },
];

/// Says in a document where it comes from.
fn made_from(source: &str) -> String {
    format!("<!-- Made by `cargo xtask docs` from {source}: change that instead. -->\n")
}

/// Writes every generated document; names those that changed.
pub fn write() -> Result<()> {
    for path in write_in(&crate::repository(), GENERATED)? {
        eprintln!("wrote {path}");
    }
    Ok(())
}

/// Fails with the names of the documents that are not what their source makes.
pub fn check() -> Result<()> {
    let stale = stale_in(&crate::repository(), GENERATED)?;
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
    use std::collections::BTreeSet;
    use std::path::PathBuf;

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

    /// Every Markdown document that people read, below the root.
    fn documents(root: &Path) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for dir in [root.to_owned(), root.join("docs"), root.join("docs/adr"), root.join("packs")] {
            for entry in fs::read_dir(dir)? {
                found.push(entry?.path());
            }
        }
        Ok(found.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect())
    }

    /// What stands between two marks.
    fn between<'t>(text: &'t str, open: &str, close: char) -> impl Iterator<Item = &'t str> {
        text.split(open).skip(1).filter_map(move |rest| rest.split_once(close).map(|(inside, _)| inside))
    }

    #[test]
    fn every_link_in_the_documents_leads_to_a_file() -> Result<()> {
        let root = crate::repository();
        let mut broken = Vec::new();
        for document in documents(&root)? {
            let text = fs::read_to_string(&document)?;
            for link in between(&text, "](", ')').filter(|link| !link.contains("://") && !link.starts_with('#')) {
                let path = link.split('#').next().unwrap_or(link);
                if !document.parent().unwrap_or(&root).join(path).exists() {
                    broken.push(format!("{}: {link}", document.display()));
                }
            }
        }
        assert!(broken.is_empty(), "{broken:#?}");
        Ok(())
    }

    #[test]
    fn every_path_that_the_documents_name_exists() -> Result<()> {
        let root = crate::repository();
        let folders = ["src/", "crates/", "packs/", "migrations/", "tests/", "docs/"];
        let mut missing = BTreeSet::new();
        for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
            let text = fs::read_to_string(root.join(name))?;
            let is_path =
                |word: &&str| folders.iter().any(|dir| word.starts_with(dir)) && !word.contains(['<', '*', '{', ' ']);
            let named = text.split('`').skip(1).step_by(2).filter(is_path);
            missing.extend(named.filter(|path| !root.join(path).exists()).map(|path| format!("{name}: {path}")));
        }
        assert!(missing.is_empty(), "{missing:#?}");
        Ok(())
    }

    #[test]
    fn a_key_of_every_command_and_every_link_of_the_packs_is_documented() -> Result<()> {
        let text = keys::document()?;
        for entry in opsdash_core::command::TABLE {
            assert!(text.contains(&format!("| `{}` |", entry.name)), "{}", entry.name);
        }
        assert!(text.contains("| `g t` |"), "{text}");
        Ok(())
    }
}
