//! A pack's files for a database that writes names another way. They are written once, to be read and kept; nothing is
//! rewritten while opsdash runs.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    dialect::Sql,
    language::PackFiles,
    pack::{Engine, Naming, Pack},
};

/// What is to be written in another way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Renaming {
    /// How the database writes names of several words.
    pub naming: Naming,
    /// Names of types, the pack's to the database's.
    pub types: BTreeMap<String, String>,
}

impl Renaming {
    /// The files of a pack with documented names in this naming. `pack` says which names there are.
    ///
    /// # Errors
    /// With the file that cannot be read as SQL.
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

    /// Documented names that this naming changes.
    fn names(&self, pack: &Pack) -> BTreeMap<String, String> {
        let tables = pack.schema.sources.iter().flat_map(|source| &source.tables);
        let names: BTreeSet<&String> = tables
            .flat_map(|table| std::iter::once(&table.name).chain(table.columns.iter().map(|column| &column.name)))
            .collect();
        names.into_iter().map(|name| (name.clone(), self.naming.of(name))).filter(|(name, new)| name != new).collect()
    }

    /// The schema keeps the document's names; it says how the databases that have tables write them.
    fn schema(&self, text: &str, pack: &Pack) -> String {
        let said = text.lines().filter(|line| !line.trim_start().starts_with("naming = "));
        let mut text: String = said.flat_map(|line| [line, "\n"]).collect();
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
