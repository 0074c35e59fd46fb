use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use nix::unistd::Uid;
use tempfile::TempDir;

use super::*;

const PACK: &str = "title = \"Demo\"\nviews = [\"jobs\"]\n[[source]]\nname = \"main\"\nengine = \"postgresql\"\n";
const JOBS: &str = "title = \"Jobs\"\nsource = \"main\"\nquery = \"jobs.sql\"\nrow_key = [\"id\"]\n";

struct Machine {
    folder: TempDir,
    environment: Environment,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().to_owned();
        let environment = Environment {
            operator: "alice".into(),
            euid: Uid::effective().as_raw(),
            under_sudo: false,
            home: at.clone(),
            config_home: at.join("user"),
            state_home: at.join("state"),
            config_file: None,
            etc: at.join("etc"),
        };
        Self { folder, environment }
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(path);
        for folder in path.ancestors().skip(1).take_while(|folder| *folder != self.folder.path()) {
            fs::create_dir_all(folder).unwrap();
            mode(folder, 0o755);
        }
        fs::write(&path, text).unwrap();
        mode(&path, 0o644);
        path
    }

    fn demo(&self, packs: &str) {
        self.write(&format!("{packs}/demo/pack.toml"), PACK);
        self.write(&format!("{packs}/demo/jobs.toml"), JOBS);
        self.write(&format!("{packs}/demo/jobs.sql"), "SELECT 1");
    }
}

fn mode(path: &Path, bits: u32) {
    fs::set_permissions(path, Permissions::from_mode(bits)).unwrap();
}

#[test]
fn every_embedded_pack_loads() {
    let machine = Machine::new();
    for listed in list(&machine.environment).unwrap() {
        if let Err(problems) = load(&listed.system, &machine.environment) {
            panic!("{problems}");
        }
    }
}

#[test]
fn packs_that_are_loaded_ahead_are_there_and_what_is_wrong_with_one_is_told_when_it_is_asked_for() {
    let machine = Machine::new();
    machine.demo("etc/packs");
    machine.write("etc/packs/broken/pack.toml", "title = ");
    let environment = Arc::new(machine.environment.clone());
    let store = PackStore::new(environment.clone(), BTreeMap::default());
    let embedded = EMBEDDED.dirs().map(|folder| name_of(folder.path())).find(|name| name != SHARED).unwrap();
    store.load_ahead(&["broken", "demo", &embedded, "none"].into());
    // Loaded before, they do not come from the files as they are now.
    machine.write("etc/packs/demo/pack.toml", "title = ");
    assert_eq!(store.load("demo").unwrap().title, "Demo");
    assert_eq!(*store.load(&embedded).unwrap(), load(&embedded, &environment).unwrap());
    assert!(store.load("broken").unwrap_err().to_string().contains("broken/pack.toml:1"));
    assert!(store.load("none").unwrap_err().to_string().contains("no pack"));
    assert!(store.reload("demo").is_err());
    assert!(store.load("demo").is_err());
}

#[test]
fn a_folder_is_a_new_system() {
    let machine = Machine::new();
    machine.demo("etc/packs");
    assert_eq!(load("demo", &machine.environment).unwrap().title, "Demo");
    let listed = list(&machine.environment).unwrap();
    let demo = listed.iter().find(|listed| listed.system == "demo").unwrap();
    assert_eq!(demo.origins, [machine.folder.path().join("etc/packs/demo").display().to_string()]);
}

#[test]
fn the_users_folder_lies_over_the_machines() {
    let machine = Machine::new();
    machine.demo("etc/packs");
    machine.write("user/packs/demo/jobs.toml", "title = \"Mine\"\n");
    machine.write("user/packs/demo/notes.txt", "not read");
    let pack = load("demo", &machine.environment).unwrap();
    assert_eq!(pack.views[0].title, "Mine");
}

#[test]
fn a_file_that_others_may_write_stops_the_load() {
    let machine = Machine::new();
    machine.demo("etc/packs");
    mode(&machine.folder.path().join("etc/packs/demo/jobs.sql"), 0o666);
    let problems = load("demo", &machine.environment).unwrap_err().to_string();
    assert!(problems.contains("jobs.sql: others may write to it"), "{problems}");
}

#[test]
fn an_unknown_system_is_told_with_what_there_is() {
    let machine = Machine::new();
    machine.demo("user/packs");
    let problems = load("demmo", &machine.environment).unwrap_err().to_string();
    assert!(problems.contains("no pack for the system \"demmo\"") && problems.contains("did you mean \"demo\""));
}

#[test]
fn a_folder_with_sources_is_checked_by_itself() {
    let machine = Machine::new();
    machine.demo("elsewhere");
    let folder = machine.folder.path().join("elsewhere/demo");
    assert_eq!(load_dir(&folder, &machine.environment).unwrap().system, "demo");
    fs::remove_file(folder.join("jobs.sql")).unwrap();
    let problems = load_dir(&folder, &machine.environment).unwrap_err().to_string();
    assert!(problems.contains("elsewhere/demo/jobs.toml:3: there is no file \"jobs.sql\""), "{problems}");
}

#[test]
fn a_pack_is_loaded_again_only_when_a_file_of_it_has_changed() {
    let machine = Machine::new();
    machine.demo("user/packs");
    let seven_rows = ViewOverride { limit: Some(7), ..ViewOverride::default() };
    let store = PackStore::new(Arc::new(machine.environment.clone()), [("jobs".to_owned(), seven_rows)].into());
    let first = store.load("demo").unwrap();
    assert_eq!(first.views[0].limit, 7);
    assert!(Arc::ptr_eq(&first, &store.reload("demo").unwrap()));
    machine.write("user/packs/demo/jobs.sql", "SELECT 2");
    let second = store.reload("demo").unwrap();
    assert_ne!(first, second);
    assert_eq!(second.views[0].limit, 7);
    assert!(Arc::ptr_eq(&second, &store.load("demo").unwrap()));
    machine.write("user/packs/demo/jobs.toml", "title = 1");
    assert!(store.reload("demo").unwrap_err().to_string().contains("jobs.toml"));
    machine.write("user/packs/demo/jobs.toml", JOBS);
    assert_eq!(second, store.reload("demo").unwrap());
}
