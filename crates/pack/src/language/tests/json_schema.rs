//! The JSON Schemas that editors use.

use std::{fs, path::Path};

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

use super::*;
use crate::language::PackFile;

/// A compiled schema.
struct Validator {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Validator {
    fn of(file: PackFile) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("words.json", file.json_schema().parse().unwrap()).unwrap();
        let index = compiler.compile("words.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    /// What is wrong with a TOML text, in the validator's words.
    fn complaint(&self, text: &str) -> Option<String> {
        let value: Value = serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap();
        self.schemas.validate(&value, self.index).err().map(|error| format!("{error:#}"))
    }
}

fn packs() -> Vec<std::path::PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let entries = |dir: &Path| fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let systems = entries(&root).into_iter().chain(entries(&root.join("shared")));
    systems.filter(|dir| dir.join("pack.toml").exists()).collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what is tested is the files themselves")]
fn every_file_of_our_packs_fits_its_schema() {
    let [pack, view, runbook, schema, test] = PackFile::ALL.map(|(_, file)| Validator::of(file));
    let mut files = 0;
    for path in packs().iter().flat_map(|dir| fs::read_dir(dir).unwrap()).map(|entry| entry.unwrap().path()) {
        let validator = match path.file_name().and_then(|name| name.to_str()).unwrap() {
            "pack.toml" => &pack,
            "runbook.toml" => &runbook,
            "schema.toml" => &schema,
            name if name.rsplit_once('.').is_some_and(|(_, ending)| ending == "toml") => &view,
            _ => continue,
        };
        let complaint = validator.complaint(&fs::read_to_string(&path).unwrap());
        assert_eq!(complaint, None, "{}", path.display());
        files += 1;
    }
    for path in packs().iter().flat_map(|dir| fs::read_dir(dir.join("tests")).into_iter().flatten()) {
        let path = path.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let complaint = test.complaint(&fs::read_to_string(&path).unwrap());
            assert_eq!(complaint, None, "{}", path.display());
            files += 1;
        }
    }
    assert!(files > 30, "{files}");
}

#[test]
fn a_word_or_a_value_that_is_unknown_does_not_fit() {
    let view = Validator::of(PackFile::View);
    assert_eq!(view.complaint(JOBS), None);
    for (from, to) in [
        ("refresh =", "refesh ="),
        ("title = \"Jobs\"", ""),
        ("limit = 500", "limit = \"500\""),
        ("format = \"status\"", "format = \"stauts\""),
        ("crit = [\"failed\"]", "red = [\"failed\"]"),
        ("width = 12", "widht = 12"),
    ] {
        assert!(JOBS.contains(from), "{from}");
        assert!(view.complaint(&JOBS.replacen(from, to, 1)).is_some(), "{to}");
    }
    let pack = Validator::of(PackFile::Pack);
    assert_eq!(pack.complaint(PACK), None);
    assert!(pack.complaint(&PACK.replacen("\"mongodb\"", "\"oracle\"", 1)).is_some());
    assert!(pack.complaint(&format!("{PACK}\n[scope]\nsetting = \"app.who\"")).is_some());
}
