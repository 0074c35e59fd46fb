//! Ejecting a pack: its files, rewritten for a database that writes names in another way than the documented one. The
//! files are written once and then belong to the user. Nothing is rewritten while opsdash runs.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    dialect::Sql,
    language::PackFiles,
    pack::{Engine, Naming, Pack},
};

/// The names to change, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Renaming {
    /// How the database writes names of several words.
    pub naming: Naming,
    /// The database's names of types, by the pack's names.
    pub types: BTreeMap<String, String>,
}

impl Renaming {
    /// The files of a pack with the documented names changed. `pack` has the documented names.
    ///
    /// # Errors
    /// With the path of a file that cannot be read as SQL.
    pub fn apply(&self, files: &PackFiles, pack: &Pack) -> Result<BTreeMap<String, String>, String> {
        let names = self.names(pack);
        let rename = |name: &str| names.get(name).or_else(|| self.types.get(name)).cloned();
        let mut out = BTreeMap::new();
        for (name, text) in &files.files {
            let text = match name.rsplit_once('.') {
                Some((_, "sql")) => Sql::rename(text, rename).ok_or_else(|| format!("{}/{name}", files.origin))?,
                _ if name == "schema.toml" => self.schema(text, pack),
                _ => text.clone(),
            };
            out.insert(name.clone(), text);
        }
        Ok(out)
    }

    /// The documented names that this naming changes, each with its new form.
    fn names(&self, pack: &Pack) -> BTreeMap<String, String> {
        let tables = pack.schema.sources.iter().flat_map(|source| &source.tables);
        let names: BTreeSet<&String> = tables
            .flat_map(|table| std::iter::once(&table.name).chain(table.columns.iter().map(|column| &column.name)))
            .collect();
        names.into_iter().map(|name| (name.clone(), self.naming.of(name))).filter(|(name, new)| name != new).collect()
    }

    /// `schema.toml` keeps the documented names. Each SQL source with tables gets a line that names the naming.
    fn schema(&self, text: &str, pack: &Pack) -> String {
        let kept = text.lines().filter(|line| !line.trim_start().starts_with("naming = "));
        let mut text: String = kept.flat_map(|line| [line, "\n"]).collect();
        let sources = pack.sources.iter().zip(&pack.schema.sources);
        for (source, schema) in sources.filter(|(source, _)| source.engine != Engine::MongoDb) {
            if self.naming == Naming::default() || schema.tables.is_empty() {
                continue;
            }
            let header = format!("[source.{}]\n", source.name);
            let line = format!("naming = \"{}\"\n", self.naming.word());
            text = match text.split_once(&header) {
                Some((before, after)) => format!("{before}{header}{line}{after}"),
                None => format!("{text}\n{header}{line}"),
            };
        }
        text
    }
}
