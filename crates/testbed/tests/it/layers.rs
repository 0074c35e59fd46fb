//! The layers of the code: every path from one module to another is read and held against them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use opsdash_testbed::repository;
use syn::{Attribute, File, Item, ItemMod, ItemUse, UseTree, spanned::Spanned, visit::Visit};

/// Our packages, lowest first, and the modules of each, lowest first: a module may use those that stand before it.
const LAYERS: [(&str, &str, &[&str]); 4] = [
    (
        "opsdash_pack",
        "crates/pack/src",
        &["document", "dialect", "pack", "declared", "command", "keymap", "language", "eject", "config"],
    ),
    (
        "opsdash_core",
        "crates/core/src",
        &[
            "text",
            "time",
            "value",
            "format",
            "days",
            "finding",
            "cell_text",
            "naming",
            "sort",
            "filter",
            "reason",
            "contract",
            "scope",
            "catalog",
            "action",
            "export",
            "history",
            "model",
            "attention",
            "selection",
            "place",
            "available",
            "effect",
            "msg",
            "view_verdict",
            "checklist",
            "doctor",
            "geometry",
            "view",
            "update",
        ],
    ),
    (
        "opsdash_sources",
        "crates/sources/src",
        &[
            "limits",
            "text",
            "tls",
            "interner",
            "judgement",
            "byte_sink",
            "secrets",
            "login_memory",
            "engine",
            "directory",
            "mongodb",
            "postgres",
            "sqlserver",
            "family",
            "scratch",
        ],
    ),
    ("opsdash", "src", &["settings", "packs", "store", "export", "runtime", "tui", "cli"]),
];

/// Crates that speak to a server. Only `opsdash_sources` may name them.
const DRIVERS: [&str; 4] = ["sqlx", "mongodb", "bson", "tiberius"];

/// A module's path, the package first.
type Module = Vec<String>;

/// One place where a module names something.
#[derive(Debug, Clone)]
struct Use {
    from: Module,
    /// As it is written, `crate`, `self` and `super` among it.
    path: Vec<String>,
    /// `file:line`.
    at: String,
    /// The name it has afterwards; empty in an expression.
    name: String,
}

/// The modules of our packages and what they name.
struct Code {
    modules: BTreeSet<Module>,
    uses: Vec<Use>,
}

impl Code {
    fn read(root: &Path) -> Self {
        let mut code = Self { modules: BTreeSet::new(), uses: Vec::new() };
        for (package, folder, _) in LAYERS {
            for file in rust_files(&root.join(folder)) {
                let below = file.strip_prefix(root.join(folder)).expect("it is below").with_extension("");
                let mut module = vec![package.to_owned()];
                module.extend(below.iter().map(|part| part.to_string_lossy().into_owned()));
                if ["mod", "lib", "main"].contains(&module.last().map_or("", String::as_str)) {
                    module.pop();
                }
                if module.iter().any(|name| name == "tests") {
                    continue;
                }
                let shown = file.strip_prefix(root).expect("it is below").display().to_string();
                code.add(module, &shown, &fs::read_to_string(&file).expect("it is text"));
            }
        }
        code
    }

    fn add(&mut self, module: Module, file: &str, text: &str) {
        let parsed: File = syn::parse_file(text).unwrap_or_else(|why| panic!("{file}: {why}"));
        let mut reader = Reader { module: module.clone(), file, uses: &mut self.uses };
        reader.visit_file(&parsed);
        self.modules.insert(module);
    }

    /// The module of ours that a path leads to, following what modules pass on; `None` when it leads elsewhere.
    fn target(&self, from: &Module, path: &[String]) -> Option<Module> {
        let mut path = self.absolute(from, path)?;
        for _ in 0..8 {
            let depth = (1..=path.len()).rev().find(|depth| self.modules.contains(&path[..*depth]))?;
            let (module, rest) = (path[..depth].to_vec(), &path[depth..]);
            let passed_on = rest.first().and_then(|name| {
                let known = |known: &&Use| known.from == module && known.name == *name;
                self.absolute(&module, &self.uses.iter().find(known)?.path)
            });
            match passed_on {
                Some(next) => path = next.into_iter().chain(rest[1..].iter().cloned()).collect(),
                None => return Some(module),
            }
        }
        None
    }

    fn absolute(&self, from: &Module, path: &[String]) -> Option<Module> {
        let mut base = from.clone();
        let mut rest = path;
        let child = |name: &str| self.modules.contains(&[from.as_slice(), &[name.to_owned()]].concat());
        match path.first()?.as_str() {
            "crate" => {
                base.truncate(1);
                rest = &path[1..];
            }
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
            }
            name if LAYERS.iter().any(|(package, ..)| *package == name) => base.clear(),
            name if child(name) => {}
            _ => return None,
        }
        Some([base.as_slice(), rest].concat())
    }

    /// Every path from one module of ours to another.
    fn edges(&self) -> Vec<(&Use, Module)> {
        let edge = |known| self.edge(known);
        self.uses.iter().filter_map(edge).collect()
    }

    fn edge<'c>(&self, known: &'c Use) -> Option<(&'c Use, Module)> {
        let target = self.target(&known.from, &known.path)?;
        (target != known.from).then_some((known, target))
    }
}

struct Reader<'r> {
    module: Module,
    file: &'r str,
    uses: &'r mut Vec<Use>,
}

impl Reader<'_> {
    fn found(&mut self, path: Vec<String>, name: &str, line: usize) {
        let at = format!("{}:{line}", self.file);
        self.uses.push(Use { from: self.module.clone(), path, at, name: name.to_owned() });
    }

    fn tree(&mut self, tree: &UseTree, before: &[String], line: usize) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.tree(&path.tree, &with(&path.ident), line),
            UseTree::Name(name) if name.ident == "self" => {
                let last = before.last().cloned().unwrap_or_default();
                self.found(before.to_vec(), &last, line);
            }
            UseTree::Name(name) => self.found(with(&name.ident), &name.ident.to_string(), line),
            UseTree::Rename(rename) => self.found(with(&rename.ident), &rename.rename.to_string(), line),
            UseTree::Glob(_) => self.found(before.to_vec(), "", line),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before, line)),
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    let is_test = |meta: &syn::MetaList| meta.path.is_ident("cfg") && meta.tokens.to_string() == "test";
    attributes.iter().any(|attribute| attribute.meta.require_list().is_ok_and(is_test))
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Fn(function) if is_test(&function.attrs) => {}
            _ => syn::visit::visit_item(self, item),
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.tree(&item.tree, &[], item.span().start().line);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let parts = path.segments.iter().map(|part| part.ident.to_string()).collect();
            self.found(parts, "", path.span().start().line);
        }
        syn::visit::visit_path(self, path);
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the entry is readable").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Paths that lead upward, each with its file and line.
fn breaches(code: &Code) -> Vec<String> {
    let package = |name: &str| LAYERS.iter().position(|(package, ..)| *package == name).expect("it is ours");
    let mut breaches = Vec::new();
    for (known, target) in code.edges() {
        let (from, to) = (package(&known.from[0]), package(&target[0]));
        let is_upward = if from == to {
            let layer = |module: &Module| match module.get(1) {
                // The root of a package declares its modules, and is used by none of them.
                None => Some(usize::MAX),
                Some(name) => LAYERS[from].2.iter().position(|layer| layer == name),
            };
            match (layer(&known.from), layer(&target)) {
                (Some(from), Some(to)) => to > from,
                _ => true,
            }
        } else {
            to > from
        };
        if is_upward {
            breaches.push(format!("{}: {} uses {}", known.at, known.from.join("::"), target.join("::")));
        }
    }
    for known in code.uses.iter().filter(|known| known.from[0] != "opsdash_sources") {
        let is_ours = code.absolute(&known.from, &known.path).is_some();
        if !is_ours && DRIVERS.contains(&known.path[0].as_str()) {
            breaches.push(format!("{}: {} names a driver, {}", known.at, known.from.join("::"), known.path[0]));
        }
    }
    breaches
}

/// Modules that lead to each other, a module and those within it apart: they are one thing in several files.
fn circles(code: &Code) -> Vec<String> {
    let mut ways: BTreeMap<Module, BTreeMap<Module, String>> = BTreeMap::new();
    for (known, target) in code.edges() {
        if !target.starts_with(&known.from) && !known.from.starts_with(&target) {
            ways.entry(known.from.clone()).or_default().entry(target).or_insert_with(|| known.at.clone());
        }
    }
    let reaches = |from: &Module, to: &Module| {
        let (mut seen, mut left) = (BTreeSet::new(), vec![from]);
        while let Some(module) = left.pop() {
            for next in ways.get(module).into_iter().flat_map(BTreeMap::keys) {
                if next == to {
                    return true;
                }
                if seen.insert(next) {
                    left.push(next);
                }
            }
        }
        false
    };
    let all = ways.iter().flat_map(|(from, targets)| targets.iter().map(move |(to, at)| (from, to, at)));
    let circular = all.filter(|(from, to, _)| reaches(to, from));
    circular
        .map(|(from, to, at)| format!("{at}: {} and {} lead to each other", from.join("::"), to.join("::")))
        .collect()
}

#[test]
fn no_module_uses_one_above_it_and_no_driver_is_named_outside_of_sources() {
    let code = Code::read(&repository());
    assert!(code.modules.len() > 150, "the folders are where they were");
    let breaches = breaches(&code);
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn no_two_modules_lead_to_each_other() {
    let circles = circles(&Code::read(&repository()));
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn a_breach_is_named_with_its_file_and_line() {
    let mut code = Code::read(&repository());
    let module = |path: &str| path.split("::").map(str::to_owned).collect::<Module>();
    code.add(
        module("opsdash::cli::made_up"),
        "src/cli/made_up.rs",
        "\nuse sqlx::PgConnection;\nfn f() { bson::doc() }\n",
    );
    code.add(
        module("opsdash_pack::pack::made_up"),
        "crates/pack/src/pack/made_up.rs",
        "use opsdash_core::model::Model;\n",
    );
    code.add(
        module("opsdash_core::model::made_up"),
        "crates/core/src/model/made_up.rs",
        "fn f() { crate::update::edits() }\n",
    );
    code.add(module("opsdash_core::view::made_up"), "crates/core/src/view/made_up.rs", "\n\nuse super::list;\n");
    assert_eq!(
        breaches(&code),
        [
            "crates/pack/src/pack/made_up.rs:1: opsdash_pack::pack::made_up uses opsdash_core::model",
            "crates/core/src/model/made_up.rs:1: opsdash_core::model::made_up uses opsdash_core::update",
            "src/cli/made_up.rs:2: opsdash::cli::made_up names a driver, sqlx",
            "src/cli/made_up.rs:3: opsdash::cli::made_up names a driver, bson",
        ]
    );
    code.add(module("opsdash_core::view::list"), "crates/core/src/view/list.rs", "use super::made_up::f;\n");
    assert!(circles(&code).iter().any(|told| told.starts_with("crates/core/src/view/made_up.rs:3: ")));
}
