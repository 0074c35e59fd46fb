//! The files of a pack, merged layer by layer. The layers are the program's, the machine's and the user's.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Spanned, de::DeValue};

use super::{
    ID_REMEDY, is_id,
    words::{RawPack, RawRunbookFile, RawSchema, RawView},
};
use crate::{
    dialect::SqlFile,
    document::{
        Name, Problems, SourceLocation, SourceTexts, TableSpec, TomlDocument, TomlValue, check_table, drop_disabled,
        entry, is_disabled, merge, repeated, suggest,
    },
};

/// Where a pack has its fragments.
pub const FRAGMENTS: &str = "fragments/";

/// The files of one folder of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackFiles {
    /// The folder's name.
    pub system: String,
    /// The folder's path to show. Folders of the program itself are `packs/<system>`.
    pub origin: String,
    /// The text of each file, by its path below the folder: `jobs.sql`, `fragments/recent.sql`.
    pub files: BTreeMap<String, String>,
}

/// The file of a statement, of the uppermost layer that has one of that name.
#[derive(Debug, Clone)]
pub(super) struct StatementText {
    /// The path to show.
    pub name: String,
    /// The offset of its first byte in [`SourceTexts`].
    pub start: usize,
    pub text: String,
}

impl StatementText {
    /// As SQL that may call fragments.
    pub(super) fn as_sql(&self) -> SqlFile<'_> {
        SqlFile { name: &self.name, text: &self.text, start: self.start }
    }
}

/// All layers of a pack merged into one. The words are checked, but no name and no rule.
#[derive(Debug, Default)]
pub(super) struct Layered<'t> {
    pub system: String,
    /// The origin of the uppermost layer, for problems of the whole pack.
    pub origin: String,
    pub texts: SourceTexts,
    pub pack: Option<TomlDocument<'t>>,
    /// `schema.toml`, merged over those of included packs.
    pub schema: Option<TomlDocument<'t>>,
    /// `runbook.toml`, merged over those of included packs.
    pub runbook: Option<TomlDocument<'t>>,
    /// By view id.
    pub views: BTreeMap<String, TomlDocument<'t>>,
    /// Ids of views that a layer removed.
    pub disabled: BTreeSet<String>,
    /// Ids of views whose words are wrong.
    pub broken: BTreeSet<String>,
    /// By file name.
    pub statements: BTreeMap<String, StatementText>,
    /// By the name that calls it.
    pub fragments: BTreeMap<String, StatementText>,
    /// The included packs.
    pub included: Vec<IncludedPack<'t>>,
}

/// A pack that another one includes.
#[derive(Debug)]
pub(super) struct IncludedPack<'t> {
    /// What the including pack says of it.
    pub include: Include,
    /// Its `pack.toml`.
    pub document: TomlDocument<'t>,
}

/// One entry of a pack's `include`.
#[derive(Debug, Clone)]
pub(super) struct Include {
    /// The name of the shared pack, with its location.
    pub name: Name,
    /// The source that its views read, with its location; `None` means the only one of its kind.
    pub source: Option<Name>,
}

/// Merges the layers of a system, lowest first. Included packs are below all of them.
pub(super) fn layer<'t>(layers: &'t [PackFiles], shared: &'t [PackFiles], problems: &mut Problems) -> Layered<'t> {
    let mut layered = Layered::default();
    let Some(top) = layers.last() else { return layered };
    layered.system.clone_from(&top.system);
    layered.origin.clone_from(&top.origin);
    for files in layers {
        layered.add_pack_toml(files, problems);
    }
    for include in layered.includes() {
        let name = include.name.get_ref();
        let found: Vec<&PackFiles> = shared.iter().filter(|pack| pack.system == *name).collect();
        if found.is_empty() {
            let known = suggest(name, shared.iter().map(|pack| pack.system.as_str()));
            let location = layered.texts.location_of(&include.name);
            problems.add(location, format!("unknown shared pack \"{name}\""), known);
        }
        layered.add_included(include, &found, problems);
    }
    for files in layers {
        layered.add_files(files, problems);
    }
    layered.check_words(problems);
    layered
}

impl<'t> Layered<'t> {
    fn add_pack_toml(&mut self, files: &'t PackFiles, problems: &mut Problems) {
        let Some(text) = files.files.get("pack.toml") else { return };
        if let Some(document) = self.parse(files, "pack.toml", text, RawPack::SPEC, problems) {
            merge_over(RawPack::SPEC, &mut self.pack, document);
        }
    }

    fn add_included(&mut self, include: Include, found: &[&'t PackFiles], problems: &mut Problems) {
        let mut pack = None;
        for files in found {
            self.add_files(files, problems);
            let Some(text) = files.files.get("pack.toml") else { continue };
            if let Some(document) = self.parse(files, "pack.toml", text, RawPack::SPEC, problems) {
                merge_over(RawPack::SPEC, &mut pack, document);
            }
        }
        let Some(mut pack): Option<TomlDocument<'t>> = pack else { return };
        drop_disabled(RawPack::SPEC, pack.get_mut());
        check_table(RawPack::SPEC, pack.get_ref(), pack.span().start, &self.texts, problems);
        for word in ["include", "lookup", "facts"] {
            if let Some(value) = entry(pack.get_ref(), word) {
                let what = format!("\"{word}\" in a shared pack");
                problems.add(self.texts.location_of(value), what, "give it in the pack that includes this one");
            }
        }
        self.included.push(IncludedPack { include, document: pack });
    }

    fn add_files(&mut self, files: &'t PackFiles, problems: &mut Problems) {
        for (name, text) in &files.files {
            if let Some(fragment) = name.strip_prefix(FRAGMENTS) {
                self.add_fragment(files, fragment, text, problems);
                continue;
            }
            match name.rsplit_once('.') {
                _ if name == "pack.toml" => {}
                _ if name == "schema.toml" => {
                    if let Some(document) = self.parse(files, name, text, RawSchema::SPEC, problems) {
                        merge_over(RawSchema::SPEC, &mut self.schema, document);
                    }
                }
                _ if name == "runbook.toml" => {
                    if let Some(document) = self.parse(files, name, text, RawRunbookFile::SPEC, problems) {
                        merge_over(RawRunbookFile::SPEC, &mut self.runbook, document);
                    }
                }
                Some((id, "toml")) => {
                    if let Some(document) = self.parse(files, name, text, RawView::SPEC, problems) {
                        let mut view = self.views.remove(id);
                        merge_over(RawView::SPEC, &mut view, document);
                        self.views.extend(view.map(|view| (id.to_owned(), view)));
                    }
                }
                Some((_, "sql" | "json")) => {
                    let statement = self.text(files, name, text);
                    self.statements.insert(name.clone(), statement);
                }
                _ => {}
            }
        }
    }

    fn text(&mut self, files: &PackFiles, name: &str, text: &str) -> StatementText {
        let name = format!("{}/{name}", files.origin);
        StatementText { start: self.texts.add(name.clone(), text), name, text: text.to_owned() }
    }

    fn add_fragment(&mut self, files: &PackFiles, file: &str, text: &str, problems: &mut Problems) {
        let fragment = self.text(files, &format!("{FRAGMENTS}{file}"), text);
        match file.rsplit_once('.') {
            Some((name, "sql")) if is_id(name) => {
                self.fragments.insert(name.to_owned(), fragment);
            }
            Some((name, "sql")) => {
                let what = format!("no SQL can call a fragment \"{name}\"");
                problems.add(SourceLocation::file(fragment.name), what, ID_REMEDY);
            }
            _ => {
                let remedy = "move it beside the views, or make it a .sql file";
                problems.add(SourceLocation::file(fragment.name), "a fragment that is no SQL", remedy);
            }
        }
    }

    fn parse(
        &mut self,
        files: &PackFiles,
        name: &str,
        text: &'t str,
        spec: &TableSpec,
        problems: &mut Problems,
    ) -> Option<TomlDocument<'t>> {
        let document = self.texts.parse(&format!("{}/{name}", files.origin), text, problems)?;
        for (item, what) in repeated(spec, document.get_ref()) {
            problems.add(
                self.texts.location_of(item),
                format!("a second {what}"),
                "keep one of them, or tell them apart",
            );
        }
        Some(document)
    }

    /// What the pack includes, as a list or as a table.
    fn includes(&self) -> Vec<Include> {
        let text = |value: &TomlValue<'_>| match value.get_ref() {
            DeValue::String(text) => Some(Spanned::new(value.span(), text.to_string())),
            _ => None,
        };
        let include = self.pack.as_ref().and_then(|pack| entry(pack.get_ref(), "include"));
        match include.map(Spanned::get_ref) {
            Some(DeValue::Array(items)) => {
                items.iter().filter_map(|item| Some(Include { name: text(item)?, source: None })).collect()
            }
            Some(DeValue::Table(named)) => {
                let name =
                    |key: &Spanned<std::borrow::Cow<'_, str>>| Spanned::new(key.span(), key.get_ref().to_string());
                named.iter().map(|(key, value)| Include { name: name(key), source: text(value) }).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Removes what is disabled, and checks the words of the rest.
    fn check_words(&mut self, problems: &mut Problems) {
        for (id, mut view) in std::mem::take(&mut self.views) {
            if is_disabled(view.get_ref()) {
                self.disabled.insert(id);
                continue;
            }
            drop_disabled(RawView::SPEC, view.get_mut());
            let before = problems.0.len();
            check_table(RawView::SPEC, view.get_ref(), view.span().start, &self.texts, problems);
            if problems.0.len() > before {
                self.broken.insert(id);
            } else {
                self.views.insert(id, view);
            }
        }
        let schema = self.schema.iter_mut().map(|document| (RawSchema::SPEC, document));
        let runbook = self.runbook.iter_mut().map(|document| (RawRunbookFile::SPEC, document));
        for (spec, document) in schema.chain(runbook) {
            drop_disabled(spec, document.get_mut());
            check_table(spec, document.get_ref(), document.span().start, &self.texts, problems);
        }
        match &mut self.pack {
            Some(pack) => {
                drop_disabled(RawPack::SPEC, pack.get_mut());
                check_table(RawPack::SPEC, pack.get_ref(), pack.span().start, &self.texts, problems);
            }
            None if problems.0.is_empty() => {
                problems.add(
                    SourceLocation::file(&self.origin),
                    "no pack.toml",
                    "add one with title, [[source]] and views",
                );
            }
            None => {}
        }
    }
}

/// Merges `upper` into `lower`, or takes its place where there is no lower one.
fn merge_over<'t>(spec: &TableSpec, lower: &mut Option<TomlDocument<'t>>, upper: TomlDocument<'t>) {
    match lower {
        Some(lower) => merge(spec, lower.get_mut(), upper.into_inner()),
        None => *lower = Some(upper),
    }
}
