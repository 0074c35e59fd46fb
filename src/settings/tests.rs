use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use nix::unistd::Uid;
use opsdash_pack::{
    config::{self, ConfigFile, PasswordFrom},
    document::Problems,
};
use tempfile::TempDir;

use super::{Environment, load, password, state_dir};

struct TestHome {
    folder: TempDir,
    environment: Environment,
}

impl TestHome {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().to_owned();
        let environment = Environment {
            operator: "alice".into(),
            euid: Uid::effective().as_raw(),
            under_sudo: false,
            home: at.join("home"),
            config_home: at.join("user"),
            state_home: at.join("state"),
            config_file: None,
            etc: at.join("etc"),
        };
        for sub in ["home", "user", "etc"] {
            fs::create_dir(at.join(sub)).unwrap();
            mode(&at.join(sub), 0o755);
        }
        Self { folder, environment }
    }

    fn write(&self, name: &str, text: &str, bits: u32) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        mode(&path, bits);
        path
    }

    fn load(&self) -> Result<super::LoadedConfig, Problems> {
        load(None, &self.environment)
    }

    fn problem(&self) -> String {
        self.load().unwrap_err().to_string().replace(&self.folder.path().display().to_string(), "")
    }
}

fn mode(path: &Path, bits: u32) {
    fs::set_permissions(path, Permissions::from_mode(bits)).unwrap();
}

const TARGET: &str = "[targets.prod]\nsystem = \"demo\"\n[targets.prod.sources.main]\nurl = \"postgres://u:pw@db/x\"\n";

#[test]
fn without_files_the_config_is_empty() {
    assert_eq!(TestHome::new().load().unwrap(), super::LoadedConfig::default());
}

#[test]
fn the_users_file_lies_over_the_machines() {
    let home = TestHome::new();
    home.write("etc/config.toml", TARGET, 0o600);
    home.write("user/config.toml", "[targets.prod]\nprotected = true\n", 0o644);
    let target = &home.load().unwrap().config.targets[0];
    assert!(target.protected && target.system == "demo");
}

#[test]
fn a_named_file_replaces_both() {
    let mut home = TestHome::new();
    home.write("etc/config.toml", TARGET, 0o600);
    home.environment.config_file = Some(home.write("home/other.toml", "operator_label = \"on call\"", 0o644));
    let loaded = home.load().unwrap();
    assert!(loaded.config.targets.is_empty() && loaded.config.operator_label.as_deref() == Some("on call"));
    let missing = home.folder.path().join("missing.toml");
    assert!(load(Some(&missing), &home.environment).unwrap_err().to_string().contains("no such file"));
}

#[test]
fn a_password_in_a_url_wants_a_private_file() {
    let home = TestHome::new();
    home.write("user/config.toml", TARGET, 0o600);
    assert!(home.load().is_ok());
    home.write("user/config.toml", TARGET, 0o644);
    insta::assert_snapshot!(home.problem(), @r#"
    /user/config.toml:4: a password in "postgres://u:***@db/x", in a file that others may read
        use password = { .. }, or run: chmod 600 /user/config.toml
    "#);
}

#[test]
fn a_file_that_others_may_write_is_refused() {
    let home = TestHome::new();
    home.write("user/config.toml", "", 0o664);
    insta::assert_snapshot!(home.problem(), @r"
    /user/config.toml: others may write to it (mode 0664)
        run: chmod go-w /user/config.toml
    ");
}

#[test]
fn a_folder_that_others_may_write_to_is_refused() {
    let home = TestHome::new();
    home.write("user/config.toml", "", 0o600);
    mode(&home.folder.path().join("user"), 0o777);
    insta::assert_snapshot!(home.problem(), @r"
    /user: others may write to it (mode 0777)
        run: chmod go-w /user
    ");
}

#[test]
fn a_pipe_is_refused_and_nobody_waits_for_its_writer() {
    let home = TestHome::new();
    let pipe = home.folder.path().join("user/config.toml");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    insta::assert_snapshot!(home.problem(), @r"
    /user/config.toml: is no file, but a folder, a pipe or a device
        name a file
    ");
    assert!(load(Some(&home.folder.path().join("user")), &home.environment).is_err());
}

#[test]
fn a_link_leads_to_no_folder_that_others_may_write_to() {
    let home = TestHome::new();
    home.write("home/real.toml", "", 0o600);
    mode(&home.folder.path().join("home"), 0o777);
    std::os::unix::fs::symlink(home.folder.path().join("home/real.toml"), home.folder.path().join("user/config.toml"))
        .unwrap();
    assert!(home.problem().contains("/home: others may write to it"));
}

#[test]
fn a_file_of_somebody_else_is_refused() {
    let mut home = TestHome::new();
    home.write("user/config.toml", "", 0o600);
    let owner = home.environment.euid;
    home.environment.euid = owner + 1;
    // What root owns is believed whoever asks.
    assert_eq!(home.load().is_ok(), owner == 0);
}

#[tokio::test]
async fn a_password_file_is_private_and_its_first_line_counts() {
    let home = TestHome::new();
    let path = home.write("home/pw", "secret\nrest\n", 0o600);
    let from = PasswordFrom::File(path.clone());
    assert_eq!(password::find(&from, &home.environment).await.unwrap().0, "secret");
    mode(&path, 0o640);
    let refused = password::find(&from, &home.environment).await.unwrap_err().to_string();
    assert!(refused.contains("chmod 600") && !refused.contains("secret"));
}

#[tokio::test]
async fn an_unset_variable_is_an_error() {
    let home = TestHome::new();
    let from = PasswordFrom::Env("OPSDASH_TEST_UNSET_VARIABLE".into());
    let error = password::find(&from, &home.environment).await.unwrap_err();
    assert_eq!(error, password::PasswordError::Unset("OPSDASH_TEST_UNSET_VARIABLE".into()));
}

#[test]
fn a_home_path_in_the_config_is_expanded() {
    let home = TestHome::new();
    home.write("user/config.toml", &format!("{TARGET}ca_file = \"~/ca.pem\"\n"), 0o600);
    let config = home.load().unwrap().config;
    assert_eq!(config.targets[0].sources["main"].ca_file, Some(home.environment.home.join("ca.pem")));
}

#[test]
fn the_state_folder_is_for_its_owner_alone() {
    let home = TestHome::new();
    let path = state_dir(&home.environment).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    mode(&path, 0o777);
    assert!(state_dir(&home.environment).unwrap_err().to_string().contains("others may write"));
}

#[test]
fn the_example_config_loads_and_uses_every_word() {
    let example = include_str!("../../config.example.toml");
    let file = ConfigFile { name: "config.example.toml".into(), text: example.into(), private: false };
    let loaded = config::load(&[file]).unwrap();
    assert_eq!(loaded.config.targets.len(), 2);
    for line in config::reference().lines().filter(|line| line.starts_with("| `")) {
        let word = line.split('`').nth(1).unwrap();
        assert!(example.contains(word), "the example does not mention {word}");
    }
}

/// A Secret as Kubernetes mounts it: links within a folder in which everybody may write and nobody may replace anything.
fn mounted(home: &TestHome, text: &str, bits: u32) -> PathBuf {
    let volume = home.folder.path().join("secret");
    fs::create_dir_all(volume.join("..2026_11_28")).unwrap();
    mode(&volume.join("..2026_11_28"), 0o755);
    let file = volume.join("..2026_11_28/config.toml");
    fs::write(&file, text).unwrap();
    mode(&file, bits);
    std::os::unix::fs::symlink("..2026_11_28", volume.join("..data")).unwrap();
    std::os::unix::fs::symlink("..data/config.toml", volume.join("config.toml")).unwrap();
    mode(&volume, 0o1777);
    volume.join("config.toml")
}

#[test]
fn a_mounted_secret_is_believed_and_a_folder_where_anybody_may_replace_it_is_not() {
    let mut home = TestHome::new();
    let file = mounted(&home, TARGET, 0o400);
    home.environment.config_file = Some(file.clone());
    assert_eq!(home.load().unwrap().config.targets.len(), 1);
    mode(&file, 0o440);
    assert!(home.load().is_err(), "others of the group may read it");
    if home.environment.euid == 0 {
        // Root's file may be readable for the group that root gives it to.
        std::os::unix::fs::chown(&file, None, Some(1_234)).unwrap();
        assert_eq!(home.load().unwrap().config.targets.len(), 1);
    }
    mode(&file, 0o400);
    let volume = home.folder.path().join("secret");
    mode(&volume, 0o777);
    assert!(home.problem().contains("/secret: others may write to it (mode 0777)"), "{}", home.problem());
    // A link in between, too, is where somebody could have put it.
    mode(&volume, 0o1777);
    mode(&volume.join("..2026_11_28"), 0o777);
    assert!(home.problem().contains("others may write to it (mode 0777)"), "{}", home.problem());
    if home.environment.euid == 0 {
        mode(&volume.join("..2026_11_28"), 0o755);
        std::os::unix::fs::lchown(volume.join("..data"), Some(65_534), None).unwrap();
        assert!(home.problem().contains("belongs to uid 65534"), "{}", home.problem());
    }
}

#[test]
fn a_link_that_leads_to_itself_is_told() {
    let mut home = TestHome::new();
    let at = home.folder.path().join("home/loop.toml");
    std::os::unix::fs::symlink("loop.toml", &at).unwrap();
    home.environment.config_file = Some(at);
    assert!(home.problem().contains("cannot be read"), "{}", home.problem());
}

#[test]
fn a_mark_before_the_text_is_dropped_and_other_encodings_are_named() {
    let home = TestHome::new();
    home.write("user/config.toml", &format!("\u{feff}{TARGET}"), 0o600);
    assert_eq!(home.load().unwrap().config.targets.len(), 1);
    let utf16: Vec<u8> = "\u{feff}[x]".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let file = home.write("user/config.toml", "", 0o600);
    fs::write(&file, utf16).unwrap();
    assert!(home.problem().contains("is UTF-16, not UTF-8\n    save it as UTF-8"), "{}", home.problem());
    fs::write(&file, b"a = \"caf\xe9\"").unwrap();
    assert!(home.problem().contains("is not UTF-8, at byte 9"), "{}", home.problem());
}
